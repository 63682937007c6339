"""PAT, the Pretrained Actigraphy Transformer, as in arXiv 2411.15240. Readable in one sitting, in this order:

config.py (sizes), patches.py, attention.py, encoder.py, heads.py, masked_autoencoder.py, initialise.py.
"""

from pat_core.model.config import SIZES, PatConfig, config_for
from pat_core.model.encoder import Encoder
from pat_core.model.heads import Classifier, ClassifierHead
from pat_core.model.initialise import seeded
from pat_core.model.masked_autoencoder import MaskedAutoencoder

__all__ = ["SIZES", "Classifier", "ClassifierHead", "Encoder", "MaskedAutoencoder", "PatConfig", "config_for", "seeded"]
