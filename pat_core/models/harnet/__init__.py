"""harnet: windows of raw acceleration at 30 Hz in, features and classes of activity out (Yuan et al. 2024, arXiv 2206.02909)."""

from pat_core.models.harnet.harnet_config import HARNETS, HERTZ, HarnetSize, Stage

__all__ = ["HARNETS", "HERTZ", "HarnetSize", "Stage"]
