"""Who is in which stage of a pipeline in SUPERSEDED mode.

A stage holds one execution.  Of those that wait for it only the newest is kept: an older one ends
Superseded.  Other modes are not held up here.
Source: "How pipeline executions work", CodePipeline user guide.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .executions import Execution


class Stages:
    """The stages of one pipeline."""

    def __init__(self) -> None:
        self._holders: dict[str, Execution] = {}
        self._waiting: dict[str, tuple[Execution, asyncio.Future]] = {}

    async def enter(self, stage: str, execution: Execution) -> None:
        """Waits until the stage is free, and takes it."""
        while self._holders.get(stage, execution) is not execution:
            turn = asyncio.get_running_loop().create_future()
            older, self._waiting[stage] = self._waiting.get(stage), (execution, turn)
            if older:
                older[0].supersede()
            await turn
        self._holders[stage] = execution

    def leave(self, execution: Execution, stage: str | None = None) -> None:
        """Frees a stage, or all, that this execution holds or waits for."""
        for name, (waiting, _) in list(self._waiting.items()):
            if waiting is execution:
                del self._waiting[name]
        for name, holder in list(self._holders.items()):
            if holder is execution and stage in (None, name):
                del self._holders[name]
                self._call_next(name)

    def _call_next(self, stage: str) -> None:
        _, turn = self._waiting.pop(stage, (None, None))
        if turn and not turn.done():
            turn.set_result(None)
