"""A program small enough to be counted by hand."""

import pytest

from dreamer_jax.evaluation.benchmarks.tpu import hlo

TEXT = """\
HloModule jit_run, is_scheduled=true

%inner (param_0.1: f32[1000,128], param_1.1: s32[]) -> f32[8,128] {
  %param_0.1 = f32[1000,128]{1,0:T(8,128)} parameter(0)
  %param_1.1 = s32[]{:T(128)} parameter(1)
  ROOT %dynamic-slice.1 = f32[8,128]{1,0:T(8,128)} dynamic-slice(%param_0.1, \
%param_1.1), dynamic_slice_sizes={8,128}
}

%body (arg.1: (s32[], f32[1000,128], f32[8,128])) -> (s32[], f32[1000,128], \
f32[8,128]) {
  %arg.1 = (s32[]{:T(128)}, f32[1000,128]{1,0:T(8,128)}, f32[8,128]{1,0:T(8,\
128)}) parameter(0)
  %i.1 = s32[]{:T(128)} get-tuple-element(%arg.1), index=0
  %x.1 = f32[1000,128]{1,0:T(8,128)} get-tuple-element(%arg.1), index=1
  %fusion.1 = f32[8,128]{1,0:T(8,128)} fusion(%x.1, %i.1), kind=kLoop, \
calls=%inner, backend_config={"window_config":{"estimated_cycles":"100"}}
  %fast.1 = f32[8,128]{1,0:T(8,128)S(1)} copy(%fusion.1)
  %all-reduce.1 = f32[8,128]{1,0:T(8,128)S(1)} all-reduce(%fast.1), \
to_apply=%add
  ROOT %tuple.1 = (s32[]{:T(128)}, f32[1000,128]{1,0:T(8,128)}, f32[8,128]{1,\
0:T(8,128)}) tuple(%i.1, %x.1, %fusion.1)
}

%condition (arg.2: (s32[], f32[1000,128], f32[8,128])) -> pred[] {
  %arg.2 = (s32[]{:T(128)}, f32[1000,128]{1,0:T(8,128)}, f32[8,128]{1,0:T(8,\
128)}) parameter(0)
  %constant.1 = s32[]{:T(128)} constant(50)
  %i.2 = s32[]{:T(128)} get-tuple-element(%arg.2), index=0
  ROOT %compare.1 = pred[]{:T(512)} compare(%i.2, %constant.1), direction=LT
}

ENTRY %main.1 (p.1: (s32[], f32[1000,128], f32[8,128]), p.2: f32[200000,7]) \
-> f32[8,128] {
  %p.1 = (s32[]{:T(128)}, f32[1000,128]{1,0:T(8,128)}, f32[8,128]{1,0:T(8,\
128)}) parameter(0)
  %p.2 = f32[200000,7]{0,1:T(8,128)} parameter(1)
  %copy.1 = f32[200000,7]{1,0:T(8,128)} copy(%p.2), backend_config={\
"estimated_cycles":"7"}
  %while.1 = (s32[]{:T(128)}, f32[1000,128]{1,0:T(8,128)}, f32[8,128]{1,0:T(8,\
128)}) while(%p.1), condition=%condition, body=%body
  ROOT %out.1 = f32[8,128]{1,0:T(8,128)} get-tuple-element(%while.1), index=2
}
"""
TILE = 8 * 128 * 4  # bytes


@pytest.fixture
def program():
  return hlo.Program(TEXT)


def test_a_loop_counts_as_often_as_it_runs(program):
  cost = program.cost()
  assert cost.cycles == 50 * 100 + 7
  assert cost.kernels == 51
  reduced = cost.collectives.pop("all-reduce")
  assert reduced == {"count": 50, "bytes": 50 * TILE} and not cost.collectives
  assert cost.host_ops == 0


def test_a_slice_reads_what_it_takes(program):
  """Each pass: the slice and where it begins read, the slice written, then
  read into fast memory."""
  begin = 128 * 4
  wide = 200_000 * 128 * 4
  narrow = 200_064 * 8 * 4  # 7 rows of 200,000, in whole tiles
  assert program.cost().hbm_bytes == (50 * (3 * TILE + begin) + narrow + wide)


def test_copies_in_another_layout(program):
  assert program.copies_bytes(200_000) == 200_000 * 128 * 4
  assert program.copies_bytes(1000) == 0
  (waste,) = program.cost().padded
  assert waste.shape.startswith("f32[200000,7]{1,0")
  assert waste.logical == 200_000 * 7 * 4


@pytest.mark.parametrize(
  ("text", "size"),
  [
    ("f32[3,5]{1,0:T(8,128)}", 8 * 128 * 4),
    ("f32[3,5]{0,1:T(8,128)}", 8 * 128 * 4),
    ("bf16[16,130]{1,0:T(8,128)(2,1)}", 16 * 256 * 2),
    ("s16[9,18,20]{0,2,1:T(8,128)(2,1)}", 18 * 24 * 128 * 2),
    ("u8[300]{0:T(512)(128)(4,1)}", 512),
    ("pred[]", 1),
    ("f32[10]", 40),
  ],
)
def test_bytes_with_padding(text, size):
  (array,) = hlo.arrays(text)
  assert array.bytes == size and array.in_hbm
