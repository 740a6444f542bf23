"""Made episodes, as the tests of `data` have them."""

from tests.data.conftest import *  # noqa: F403
