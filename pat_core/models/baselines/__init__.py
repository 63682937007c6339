"""The baselines of the PAT paper (arXiv 2411.15240), written as their notebooks use Keras. Readable in one sitting, in this order:

baseline_config.py (families, sizes), baseline_network.py (what all share), then one family a file: lstm.py, cnn_1d.py, cnn_3d.py,
conv_lstm.py, wavelet_logistic.py; smoothing.py is the Savitzky-Golay filter that each may have in front.

Families are here for everyone; whoever builds a network imports it from its file, and waits for torch.
"""

from pat_core.models.baselines.baseline_config import FAMILIES, BaselineConfig, Family, baseline_of

__all__ = ["FAMILIES", "BaselineConfig", "Family", "baseline_of"]
