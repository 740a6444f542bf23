"""Writes the goals' frozen embedding table.

  python -m dreamer_jax.goals.make_embeddings

To be run after a goal's wording, or the order of goals, changed; it wants the
extra [goals]. A goal's vector is the mean over its text and paraphrases of
WordLlama's static token vectors, less the mean of all goals, on the 64
strongest principal directions of all wordings. A new table is a new
vocabulary: checkpoints of the old one are refused.
"""

import io

import numpy as np

from dreamer_jax import program
from dreamer_jax.data.files import write_atomic
from dreamer_jax.goals import embeddings, vocabulary
from dreamer_jax.goals.vocabulary import DIM, GOALS


def compute(encoder: embeddings.Encoder) -> vocabulary.Table:
  """The table of today's goals."""
  groups = [encoder(embeddings.wordings(i)) for i in range(len(GOALS))]
  texts = np.concatenate(groups)
  mean = texts.mean(0)
  _, _, directions = np.linalg.svd(texts - mean, full_matrices=False)
  # A direction's sign is arbitrary: the largest entry is made positive.
  largest = np.abs(directions).argmax(1)
  signs = np.sign(directions[np.arange(len(directions)), largest])
  basis = (directions * signs[:, None])[:DIM].T
  rows = np.stack([embeddings.unit((g - mean) @ basis).mean(0) for g in groups])
  single = lambda x: x.astype(np.float32)
  return vocabulary.Table(
    single(embeddings.unit(rows)), single(mean), single(basis)
  )


def kept_variance(
  encoder: embeddings.Encoder, table: vocabulary.Table
) -> float:
  """Share of the wordings' variance that the 64 directions hold."""
  groups = [encoder(embeddings.wordings(i)) for i in range(len(GOALS))]
  texts = np.concatenate(groups)
  centred = texts - table.mean
  return float(
    np.square(centred @ table.basis).sum() / np.square(centred).sum()
  )


def main(_: list[str]) -> None:
  """Writes `table.npz`."""
  encoder = embeddings.make_encoder()
  table = compute(encoder)
  buffer = io.BytesIO()
  half = {"mean": table.mean, "basis": table.basis}
  np.savez_compressed(
    buffer, fingerprint=vocabulary.fingerprint(),
    embeddings=table.embeddings,
    **{name: value.astype(np.float16) for name, value in half.items()},
  )  # fmt: skip
  write_atomic(vocabulary.TABLE, buffer.getvalue())
  near = table.embeddings @ table.embeddings.T - 2 * np.eye(len(GOALS))
  a, b = divmod(int(near.argmax()), len(GOALS))
  print(
    f"{len(GOALS)} goals, {len(buffer.getvalue()) / 1e3:.0f} kB, "
    f"{100 * kept_variance(encoder, table):.1f} % of the variance kept; the "
    f"nearest two are {GOALS[a].name} and {GOALS[b].name}, cosine "
    f"{near[a, b]:.2f}\nWritten: {vocabulary.TABLE}"
  )


if __name__ == "__main__":
  program.run(main)
