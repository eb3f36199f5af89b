"""Which of the processes that run the tests side by side gets what; each has its own servers."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# What shares a system that takes seconds to build stays together; all else goes file by file. The
# longest come first, or one process would be left with them at the end.
TOGETHER = (
    "tests/browser/",
    "tests/chaos/",
    "tests/integration/api/",
    "tests/integration/signin/",
    "tests/integration/access/",
)
LONG = (
    *TOGETHER,
    "tests/integration/demo/test_demo_life.py",
    "tests/integration/demo/",
    "tests/integration/test_simulators_",
    "tests/integration/",
)


class ByWorld(LoadScopeScheduling):
    """Hands out tests by the world that they share."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((world for world in TOGETHER if file.startswith(world)), file)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(min(self.workqueue, key=_turn), last=False)
        super()._assign_work_unit(node)


def _turn(world: str) -> int:
    return next((at for at, start in enumerate(LONG) if world.startswith(start)), len(LONG))
