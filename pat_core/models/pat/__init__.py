"""PAT, the Pretrained Actigraphy Transformer, as in arXiv 2411.15240. Readable in one sitting, in this order:

pat_config.py (sizes), encoder.py (patches, attention, blocks), heads.py (and how a network starts), masked_autoencoder.py.

Sizes are here for everyone; whoever builds a network imports it from its file, and waits for torch.
"""

from pat_core.models.pat.pat_config import SIZES, PatConfig, config_for

__all__ = ["SIZES", "PatConfig", "config_for"]
