from dreamer_jax import hardware


def test_products_are_narrow_on_accelerators_alone(monkeypatch):
  for backend, dtype in (("cpu", "float32"), ("gpu", "bfloat16"),
                         ("tpu", "bfloat16")):  # fmt: skip
    monkeypatch.setattr(hardware.jax, "default_backend", lambda b=backend: b)
    assert hardware.compute_dtype("auto") == dtype
    assert hardware.compute_dtype("float32") == "float32"


def test_flags_that_are_there_win():
  given = "--xla_gpu_autotune_level=2 --xla_dump_to=x"
  flags = hardware.deterministic_flags(given).split()
  assert flags[:2] == given.split()
  assert flags[2:] == ["--xla_gpu_deterministic_ops=true"]
