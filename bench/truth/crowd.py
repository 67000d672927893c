"""All callers and all desks of a run, in one process: who does what when."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence

from bench.sip import Account, SipMessage
from bench.truth.accounts import Accounts
from bench.truth.desk import DeskLeg, DeskPhone, user_of
from bench.truth.gateway import OVER_WITHIN_S, CallerLeg, Port
from bench.truth.media import Speech, Voice, tone_block
from bench.truth.plan import CallPlan, Deed, Ender, tone_hz
from bench.truth.signalling import Signalling
from bench.wire import Address

LINE_LOUDNESS, DESK_LOUDNESS = 0.3, 0.2
RINGS_AFTER_S = 0.005
AWAY_EVERY_S, AWAY_S = (6.0, 30.0), (2.0, 8.0)


class Crowd:
    """The phones; `ports` by line, `desks` those whose phones are there, `leaders` among them."""

    def __init__(
        self, pbx: Address, ports: Mapping[str, Port], desks: Sequence[Account], leaders: Sequence[str], seed: int
    ) -> None:
        self.ports = ports
        self.accounts = Accounts()
        self.finished = 0
        self.stopping = False
        self._leaders = frozenset(leaders)
        self._dice = random.Random(f"{seed}/desks")  # noqa: S311 - no secret
        self._speech = Speech()
        self._gateways = Signalling(pbx)
        self._phones = Signalling(pbx, self._ring)
        self._voices = {
            line: Voice(self._speech, line, tone_block(tone_hz(n), LINE_LOUDNESS)) for n, line in enumerate(ports)
        }
        self.desks = {
            account.name: DeskPhone(
                self._phones,
                account,
                Voice(self._speech, account.name, tone_block(tone_hz(n), DESK_LOUDNESS)),
                self._rung,
            )
            for n, account in enumerate(desks)
        }
        self._plans: dict[str, CallPlan] = {}
        self._calling: dict[str, CallerLeg] = {}
        self._declined: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def play(self, plans: Mapping[str, Sequence[CallPlan]], on_finished: Callable[[int], None]) -> Accounts:
        """Register the desks, place all calls, and give what the phones saw."""
        self._speech.start()
        try:
            for desk in self.desks.values():
                await desk.register()
            wanderers = [asyncio.create_task(self._wander(desk)) for desk in self.desks.values()]
            async with asyncio.TaskGroup() as group:
                for line, calls in plans.items():
                    group.create_task(self._use(self.ports[line], calls, on_finished))
            for one in wanderers:
                one.cancel()
            await asyncio.sleep(0.5)
        finally:
            self._close()
        return self.accounts

    def _close(self) -> None:
        self._speech.stop()
        for task in self._tasks:
            task.cancel()
        for desk in self.desks.values():
            desk.unplug()
            self.accounts.desks += [leg.seen for leg in desk.legs]
            self.accounts.away += desk.away
            desk.voice.close()
        for voice in self._voices.values():
            voice.close()
        self._gateways.close()
        self._phones.close()

    async def _use(self, port: Port, calls: Sequence[CallPlan], on_finished: Callable[[int], None]) -> None:
        for plan in calls:
            await asyncio.sleep(plan.pause_s)
            await self._call(port, plan)
            self.finished += 1
            on_finished(self.finished)

    async def _call(self, port: Port, plan: CallPlan) -> None:
        voice = self._voices[port.line]
        leg = CallerLeg(self._gateways, port, voice, plan)
        self._plans[plan.user if plan.is_named else plan.name or port.line] = plan
        self._calling[port.line] = leg
        self.accounts.callers.append(leg.seen)
        leg.dial()
        try:
            async with asyncio.timeout(OVER_WITHIN_S + 90):
                await self._as_caller(leg, plan)
        except TimeoutError:
            self.accounts.troubles.append(f"call {plan.n} on {port.line} did not end")
        voice.hush()
        leg.forget()

    async def _as_caller(self, leg: CallerLeg, plan: CallPlan) -> None:
        person = asyncio.create_task(leg.voice.hears_somebody())
        over = asyncio.create_task(leg.over.wait())
        try:
            patience = plan.gives_up_s if plan.gives_up_s is not None else 60.0
            await asyncio.wait({person, over}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if not over.done() and person.done():
                leg.seen.person_ns = time.time_ns()
                longest_s = plan.talk_s if plan.ender is Ender.CALLER else plan.talk_s + 10
                await asyncio.wait({over}, timeout=longest_s)
            leg.hang_up()
            await over
        finally:
            person.cancel()
            over.cancel()

    def _ring(self, came: SipMessage, at_ns: int) -> None:
        desk = self.desks.get(user_of(f"<{came.first.split()[1]}>"))
        if desk is not None:
            desk.invite(came, at_ns)

    def _rung(self, leg: DeskLeg) -> None:
        task = asyncio.create_task(self._as_desk(leg))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _as_desk(self, leg: DeskLeg) -> None:
        plan = self._plan_of(leg)
        await asyncio.sleep(RINGS_AFTER_S)
        if self._declines(plan, leg):
            await asyncio.sleep(self._dice.uniform(0.0, 0.4))
            leg.decline(plan.status)
            return
        leg.ring()
        if not self._answers(plan, leg):
            return
        await asyncio.sleep(plan.answer_s)
        if plan.deed is Deed.RACE:
            await self._race(plan, leg)
        elif leg.pick_up() and plan.ender is Ender.DESK:
            await leg.acked.wait()
            await asyncio.sleep(plan.talk_s)
            leg.hang_up()

    async def _race(self, plan: CallPlan, leg: DeskLeg) -> None:
        """The caller hangs up within milliseconds of the desk's answer, before or after."""
        caller = self._calling[plan.line]
        if caller.seen.n != plan.n:
            return
        if plan.race_s < 0:
            caller.hang_up()
            await asyncio.sleep(-plan.race_s)
            leg.pick_up()
        elif leg.pick_up():
            await asyncio.sleep(plan.race_s)
            caller.hang_up()

    def _plan_of(self, leg: DeskLeg) -> CallPlan:
        """The caller's plan, by his number; one who shows none is known by his port, or by what he is called."""
        user = leg.seen.caller
        return self._plans[user if user.isdigit() else leg.seen.name or user.removeprefix("port-")]

    def _declines(self, plan: CallPlan, leg: DeskLeg) -> bool:
        if plan.deed is Deed.ALL_DECLINE:
            return True
        first = plan.deed is Deed.DECLINED_THEN_ANSWERED and plan.n not in self._declined
        self._declined.add(plan.n)
        return first and leg.seen.desk not in self._leaders

    def _answers(self, plan: CallPlan, leg: DeskLeg) -> bool:
        if plan.deed in {Deed.NOBODY_ANSWERS, Deed.ALL_DECLINE, Deed.UP_WHILE_RINGING}:
            return False
        return plan.deed is not Deed.LEADER_ANSWERS or leg.seen.desk in self._leaders

    async def _wander(self, desk: DeskPhone) -> None:
        """Now and then a duty desk is away for a while."""
        while desk.extension not in self._leaders:
            await asyncio.sleep(self._dice.uniform(*AWAY_EVERY_S))
            if self._dice.random() < 0.15 and not desk.is_busy:
                await desk.register(0)
                await asyncio.sleep(self._dice.uniform(*AWAY_S))
                await desk.register()
