"""Long work in processes of its own: task.py says what a kind of work is, launcher.py starts one, worker.py is what happens inside,
supervise.py watches, log.py reads.

The long part may run at another place (launchers/): parcel.py is what is sent there, packing.py makes one, parcel_work.py is what happens
inside there, and courier.py is the process here that brings, watches and brings home.
"""

from pat_core.jobs.errand import Errand, errand_of
from pat_core.jobs.job_progress import JobProgress
from pat_core.jobs.launcher import launch
from pat_core.jobs.log import log_path, log_tail
from pat_core.jobs.supervise import cancel, refresh, resume
from pat_core.jobs.task import Spec, Task
from pat_core.jobs.worker import run_job

__all__ = ["Errand", "JobProgress", "Spec", "Task", "cancel", "errand_of", "launch", "log_path", "log_tail", "refresh", "resume", "run_job"]
