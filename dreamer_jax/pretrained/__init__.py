"""The agent that comes with the package: `--checkpoint=pretrained`.

`agent.safetensors` is `dreamer-jax export`'s int8 file of a run of the preset
`lantern`; `docs/results/lantern.json` is that run's report, in f32. The
commands are in `docs/pretrained.md`.
"""
