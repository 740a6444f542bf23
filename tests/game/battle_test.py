import pytest

from dreamer_jax.game.battle import BattleTracker

FIGHT = dict(
  wIsInBattle=1,
  wBattleMonSpecies=9,
  wBattleMonHP=20,
  wBattleMonMaxHP=20,
  wEnemyMonHP=10,
  wLastBlackoutMap=1,
  wCurMap=12,
)


def outcomes(*samples):
  """What a tracker says to each sample after the first."""
  tracker = BattleTracker()
  tracker.reset(samples[0])
  return [tracker.update(sample) for sample in samples[1:]]


@pytest.fixture
def after(make_ram):
  """The outcome of a battle that `fight` shows last, and `end` no longer."""

  def play(fight=None, end=None, **common):
    fight = {**FIGHT, **common, **(fight or {})}
    kept = {k: fight[k] for k in ("wEnemyMonHP", "wLastBlackoutMap", "wCurMap")}
    party = fight.pop("party", None)
    end = {**kept, **(end or {})}
    end_party = end.pop("party", party)
    before, ended = make_ram(wCurMap=12), make_ram(end_party, **end)
    *quiet, outcome, later = outcomes(
      before, make_ram(party, **fight), ended, ended
    )
    assert quiet == [""] and later == "", "an outcome is told once"
    return outcome

  return play


def test_wild_win(after):
  assert after(end=dict(wEnemyMonHP=0)) == "won"


def test_trainer_win_even_if_the_map_reuses_the_enemys_bytes(after):
  assert after(wIsInBattle=2, end=dict(wEnemyMonHP=33)) == "won"


def test_running_is_no_win(after):
  assert after(end=dict(wBattleResult=2)) == "fled"


def test_catch_seen_during_battle(after):
  fight = dict(wCapturedMonSpecies=36)
  assert after(fight, end=dict(wBattleResult=2)) == "caught"


def test_catch_seen_only_by_the_grown_party(after, make_member):
  party = [make_member(), make_member(dvs=2)]
  assert after(end=dict(wBattleResult=2, party=party)) == "caught"


def test_catch_of_a_new_species_with_a_full_party(after):
  end = dict(wBattleResult=2, wPokedexOwned=[1])
  assert after(end=end) == "caught"


@pytest.mark.parametrize("result", [0, 1])
def test_leaving_by_other_means_keeps_the_old_result(after, result):
  fight = dict(wEscapedFromBattle=1)
  assert after(fight, end=dict(wBattleResult=result)) == "other"


def test_enemy_that_left_was_not_beaten(after):
  assert after() == "other"  # its HP is left, and the result byte is 0


def test_escape_from_an_enemy_without_hp_is_no_win(after):
  fight = dict(wEscapedFromBattle=1)
  assert after(fight, end=dict(wEnemyMonHP=0)) == "other"


def test_demonstration_counts_for_nobody(after):
  assert after(wBattleType=1, end=dict(wEnemyMonHP=0)) == "other"


@pytest.mark.parametrize("kind", [1, 2])
def test_loss_seen_in_its_window(after, kind):
  assert after(wIsInBattle=kind, end=dict(wIsInBattle=0xFF)) == "lost"


@pytest.mark.parametrize("kind", [1, 2])
def test_loss_seen_before_the_window(after, make_member, kind):
  party = [make_member(hp=0)]
  fight = dict(wBattleMonHP=3, wIsInBattle=kind)
  assert after(fight, end=dict(wBattleResult=1, party=party)) == "lost"


@pytest.mark.parametrize("kind", [1, 2])
def test_loss_seen_late_looks_like_a_win_with_full_hp(after, kind):
  # The window was missed: result 0 again, healed, but all had fainted.
  fight = dict(wBattleMonHP=0, wIsInBattle=kind)
  assert after(fight, end=dict(wEnemyMonHP=0)) == "lost"


@pytest.mark.parametrize("kind", [1, 2])
def test_loss_known_only_by_the_blackouts_move(after, kind):
  end = dict(wCurMap=1, wXCoord=9, wYCoord=9, wEnemyMonHP=0)
  assert after(wIsInBattle=kind, end=end) == "lost"


@pytest.mark.parametrize("kind", [1, 2])
def test_loss_known_only_by_the_halved_money(after, kind):
  end = dict(wEnemyMonHP=0, wPlayerMoney=[0, 0x10, 0])
  assert after(wIsInBattle=kind, end=end) == "lost"


@pytest.mark.parametrize("kind", [1, 2])
def test_a_win_with_one_coin_is_no_blackout(after, kind):
  coin = dict(wPlayerMoney=[0, 0, 1], wIsInBattle=kind)
  end = dict(wEnemyMonHP=0, wPlayerMoney=[0, 0, 1])
  assert after(**coin, end=end) == "won"


def test_first_rival_wins_without_a_blackout(after):
  fight = dict(wIsInBattle=2, wCurMap=40)
  assert after(fight, end=dict(wBattleResult=1, wCurMap=40)) == "lost"


def test_two_battles_in_a_row_are_not_guessed(make_ram):
  wild, trainer = make_ram(**FIGHT), make_ram(**{**FIGHT, "wIsInBattle": 2})
  end = make_ram(wEnemyMonHP=0, wCurMap=12)
  assert outcomes(wild, trainer, trainer, end) == ["other", "", "won"]


def test_old_catch_does_not_colour_the_next_battle(make_ram):
  caught = make_ram(**FIGHT, wCapturedMonSpecies=36)
  left = make_ram(wBattleResult=2, wCurMap=12)
  fight = make_ram(**FIGHT)
  assert outcomes(caught, left, fight, left) == ["caught", "", "fled"]


def test_reset_forgets_a_running_battle(make_ram):
  tracker = BattleTracker()
  tracker.reset(make_ram(**FIGHT))
  tracker.reset(make_ram())
  assert tracker.update(make_ram(wEnemyMonHP=0)) == ""
