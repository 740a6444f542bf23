"""Programs that start others: processes, machines, sweeps."""
