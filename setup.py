"""DreamerJAX: an agent that learns Pokémon Red inside its own dream."""

import pathlib
import re

from setuptools import find_packages, setup

_INIT = pathlib.Path(__file__).parent / "dreamer_jax" / "__init__.py"
version = re.search(r'__version__ = "(.+)"', _INIT.read_text())[1]

setup(
  name="dreamer_jax",
  version=version,
  description="Learns Pokémon Red inside its own dream: a JAX world model",
  license="MIT",
  python_requires=">=3.11",
  packages=find_packages(include=["dreamer_jax*"]),
  entry_points={
    "console_scripts": ["dreamer-jax = dreamer_jax.cli.dispatch:main"],
  },
  package_data={
    "dreamer_jax": ["py.typed"],
    "dreamer_jax.lantern_isle": ["*.gb", "*.sha256", "src/*"],
    "dreamer_jax.games": ["*/roms.json"],
    "dreamer_jax.goals": ["*.npz", "*.json"],
    "dreamer_jax.pretrained": ["*.safetensors"],
  },
  # Lower bounds are the versions that the tests ran with; upper ones keep out
  # the next breaking series.
  install_requires=[
    "absl-py>=2.1",
    "chex>=0.1.90",
    "flatbuffers>=25.9",  # how jax.export serialises a program
    "flax>=0.12.8",  # linen
    # The roadmap's planner SDK, which has ended: --planner=gemini_legacy.
    "google-generativeai>=0.8.5",
    "gymnasium>=1.0",  # the environment's interface, and its checker
    "imageio[ffmpeg]>=2.36",  # videos
    "jax>=0.10,<0.13",
    "matplotlib>=3.9",  # the report's curves
    "numpy>=2",
    "optax>=0.2.5",
    "orbax-checkpoint>=0.12.8,<0.13",
    "psutil>=5.9",  # whether the process that holds a run still lives
    "pyboy>=2.8,<3",  # the emulator
    "rich>=13.9",  # progress bars and tables
    "safetensors>=0.5",  # exported weights
    "scipy>=1.13",  # rank correlations; JAX needs it anyway
    "tensorboardX>=2.6.2",  # metrics, without TensorFlow
  ],
  extras_require={
    "cuda": ["jax[cuda13]>=0.10,<0.13"],  # drivers from 580 on
    "cuda12": ["jax[cuda12]>=0.10,<0.13"],  # older ones
    "tpu": ["jax[tpu]>=0.10,<0.13"],
    "notebook": ["ipykernel>=6.29", "ipywidgets>=8.1"],  # launch/colab.ipynb
    "goals": [  # the goals' text encoder, wanted to add goals
      "wordllama>=0.4,<0.5",
      "tokenizers>=0.21",
    ],
    "planner": [  # --planner=gemini and --planner=openai
      "google-genai>=2",
      "openai>=2",
    ],
    "minari": ["minari[hdf5]>=0.5.4"],  # datasets in and out
    "dev": [  # what the tests want, the optional parts included
      "google-genai>=2",
      "ipykernel>=6.29",
      "ipywidgets>=8.1",
      "nbclient>=0.10",
      "nbformat>=5.10",
      "openai>=2",
      "pytest>=8",
      "pytest-xdist>=3.6",
      "ruff>=0.9",
      "tokenizers>=0.21",
      "wordllama>=0.4,<0.5",
    ],
  },
)
