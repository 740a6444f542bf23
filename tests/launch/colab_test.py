"""The notebook from the first cell to the last, as a person runs it."""

import pathlib
import shutil

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("ipywidgets")

ROOT = pathlib.Path(__file__).parents[2]
NOTEBOOK = ROOT / "launch" / "colab.ipynb"
# What a person would do with the controller, and see.
PLAY = """
before = screen.value
for name in ("up", "a", "start"):
  buttons[name].click()
print(caption.value.split(";")[0], len(screen.value) > 100)
buttons["wake"].click()
print(caption.value.split(";")[0], screen.value == before)
"""


@pytest.fixture
def notebook():
  return nbformat.read(NOTEBOOK, as_version=4)


def text(cell):
  """All that a cell printed."""
  return "".join(out.get("text", "") for out in cell.outputs)


def test_nothing_is_stored_in_it(notebook):
  for cell in notebook.cells:
    assert not cell.get("outputs") and cell.get("execution_count") is None
  assert NOTEBOOK.stat().st_size < 20_000


@pytest.mark.slow
def test_from_first_cell_to_last(notebook, tmp_path, monkeypatch):
  settings = notebook.cells[2]
  assert 'PRESET = "quickstart"' in settings.source
  settings.source = settings.source.replace("quickstart", "debug").replace(
    'RUN = "colab"', f'RUN = "{tmp_path}"'
  )
  notebook.cells.append(nbformat.v4.new_code_cell(PLAY))
  monkeypatch.setenv("JAX_PLATFORMS", "cpu")
  nbclient.NotebookClient(
    notebook, timeout=1200, resources={"metadata": {"path": str(ROOT)}}
  ).execute()
  play = notebook.cells.pop()
  assert text(play) == "3 steps dreamed True\n0 steps dreamed True\n"
  kinds = [
    kind
    for cell in notebook.cells
    for out in cell.get("outputs", ())
    for kind in out.get("data", ())
  ]
  assert "image/gif" in kinds
  assert "application/vnd.jupyter.widget-view+json" in kinds
  said = "".join(text(c) for c in notebook.cells if c.cell_type == "code")
  assert "2/2 dream" in said and "Results:" in said


def test_a_failing_program_stops_it_with_its_sentence(notebook, tmp_path):
  notebook.cells = notebook.cells[:9]
  notebook.cells[2].source = (
    notebook.cells[2]
    .source.replace('OVERRIDES = ""', 'OVERRIDES = "--config.world.detre=3"')
    .replace('RUN = "colab"', f'RUN = "{tmp_path}"')
  )
  client = nbclient.NotebookClient(
    notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}
  )
  with pytest.raises(nbclient.exceptions.CellExecutionError) as error:
    client.execute()
  assert "did you mean 'world_model.network.deter'?" in str(error.value)


def test_outside_a_clone_it_asks_where_from(notebook, tmp_path):
  shutil.copy(NOTEBOOK, tmp_path)
  notebook.cells = notebook.cells[:5]
  client = nbclient.NotebookClient(
    notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}
  )
  with pytest.raises(nbclient.exceptions.CellExecutionError) as error:
    client.execute()
  assert "where to clone from" in str(error.value)
