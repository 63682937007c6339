"""Long work in processes of its own: task.py says what a kind of work is, launcher.py starts one, worker.py is what happens inside,
supervise.py watches, log.py reads.
"""

from pat_core.jobs.job_progress import JobProgress
from pat_core.jobs.launcher import launch
from pat_core.jobs.log import log_path, log_tail
from pat_core.jobs.supervise import cancel, refresh, resume
from pat_core.jobs.task import Spec, Task
from pat_core.jobs.worker import run_job

__all__ = ["JobProgress", "Spec", "Task", "cancel", "launch", "log_path", "log_tail", "refresh", "resume", "run_job"]
