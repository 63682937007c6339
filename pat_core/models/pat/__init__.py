"""PAT, the Pretrained Actigraphy Transformer, as in arXiv 2411.15240. Readable in one sitting, in this order:

pat_config.py (sizes), patches.py, attention.py, encoder.py, heads.py, masked_autoencoder.py, initialise.py.
"""

from pat_core.models.pat.encoder import Encoder
from pat_core.models.pat.heads import Classifier, ClassifierHead
from pat_core.models.pat.initialise import seeded
from pat_core.models.pat.masked_autoencoder import MaskedAutoencoder
from pat_core.models.pat.pat_config import SIZES, PatConfig, config_for

__all__ = ["SIZES", "Classifier", "ClassifierHead", "Encoder", "MaskedAutoencoder", "PatConfig", "config_for", "seeded"]
