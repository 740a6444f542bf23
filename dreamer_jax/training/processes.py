"""Several processes of one run: how they meet, and what is said of a loss."""

import jax

from dreamer_jax.errors import UserError

_SHUTDOWN_SECS = 60  # at the end, for the others to come there too


def lost(error: Exception) -> UserError:
  """What to say where another process of the run has gone."""
  reason = str(error).strip().split("\n")[0][:200]
  return UserError(
    f"another process of this run was lost ({reason}): the last checkpoint is "
    "good; start all of them again with the same commands to go on from it"
  )


def preempted() -> UserError:
  """What to say where a machine of the run is about to be taken."""
  return UserError(
    "a machine of this run is being taken away (SIGTERM): a checkpoint was "
    "saved; start all processes again with the same commands to go on from it"
  )


def start(address: str, processes: int | None, process: int | None) -> None:
  """Joins the other processes of a run. Nothing of JAX may run before.

  Args:
    address: HOST:PORT of the first process; empty: a cluster's environment
      (a TPU pod, Slurm, Open MPI) says it and the rest.
    processes: how many there are; None: as the environment says.
    process: number of this one; None: likewise.

  Raises:
    UserError: they do not find each other.
  """
  try:
    jax.distributed.initialize(
      address or None,
      processes,
      process,
      shutdown_timeout_seconds=_SHUTDOWN_SECS,
    )
  except (ValueError, RuntimeError) as error:
    reason = str(error).strip().split("\n")[0][:200]
    raise UserError(
      f"the processes of this run do not find each other ({reason}): start "
      "all of them, each with the same --coordinator=HOST:PORT and "
      "--num_processes and its own --process_id, and let that port through"
    ) from error
