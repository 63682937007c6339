"""Long work in processes of its own: launcher.py starts one, worker.py is what happens inside, supervise.py watches, log.py reads."""

from pat_core.jobs.job_progress import JobProgress
from pat_core.jobs.launcher import launch
from pat_core.jobs.log import log_path, log_tail
from pat_core.jobs.supervise import cancel, refresh, resume
from pat_core.jobs.worker import Handler, run_job

__all__ = ["Handler", "JobProgress", "cancel", "launch", "log_path", "log_tail", "refresh", "resume", "run_job"]
