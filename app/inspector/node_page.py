"""One page of the inspector: the parts that tell of one node, or of what several have in common.

Builds the parts once per selection and then only renews them; emits what a person asks for and edits nothing.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.forms.condition import condition_of, condition_param
from app.forms.declared import defaults, shared_params, shared_values, suggestions
from app.forms.field import AnyParam
from app.forms.form import ParamForm
from app.inspector.data_preview import DataPreview
from app.inspector.drawing_pad import PARAM as DRAWN
from app.inspector.drawing_pad import PadPart
from app.inspector.lens_parts import LensPart
from app.inspector.library_notice import LibraryNotice
from app.inspector.node_parts import CostPart, NodeHeader, Problems
from app.inspector.samples_part import SamplesPart
from app.inspector.weights_part import WeightsPart
from app.lenses.painter import Subject
from app.lenses.registry import PAINTERS
from app.state.run_controller import RunController
from app.state.session import Session
from app.training.outdated_notice import OutdatedNotice
from app.training.step_plan import StepPlanPart
from app.widgets.section import Section
from app.widgets.text import body
from engine.data.pairing import data_of
from engine.document.held_expressions import CONDITION
from engine.document.project import MAIN, Node
from engine.document.query import expression_names, is_placement, layer_of, layers_of
from engine.lens.lens import Cost, Lens, Reads
from engine.lens.registry import LENSES
from engine.report import NodeReport, by_node
from nodes.data.source import DataSource
from nodes.param import ParamError
from nodes.registry import REGISTRY
from nodes.shared.given_weights import GIVEN, can_be_given
from nodes.spec import Layer, Role

_ELSEWHERE = (DRAWN, "fingerprint", GIVEN)
_NAME_ROOM = 72
"""Pixels for a definition's name on a button beside two others."""


class NodePage(QWidget):
    """Everything the inspector shows of these nodes."""

    edited = Signal(str, object, str)
    step_sample = Signal(int)
    folded = Signal(str, bool)
    options_changed = Signal()
    weights_given = Signal(str, object)  # path of a layer, and its tensors by name
    reset = Signal(str)
    promoted = Signal(str)
    given = Signal(dict, str)  # values of parameters that give weights, and what was done
    lens_wanted = Signal(str, str)  # the path of a node, the kind of a lens to be opened in its panel
    data_wanted = Signal(str)  # the id of a data node that is to be looked at

    def __init__(
        self, session: Session, controller: RunController, nodes: tuple[Node, ...], unfolded: set[str]
    ) -> None:
        super().__init__()
        self.unfolded = unfolded
        """Kinds of lenses that are folded by default and were unfolded."""
        self.session, self.controller, self.nodes = session, controller, nodes
        self.header, self.problems, self.library = NodeHeader(), Problems(), LibraryNotice(session)
        self.params = shared_params(session.project, nodes)
        self.form = self._make_form()
        self.cost = CostPart()
        self.parts: dict[str, LensPart] = {}
        """The lenses that this page has shown, by kind."""
        self.samples: SamplesPart | None = None
        self.pad: PadPart | None = None
        self.data: DataPreview | None = None
        self.weights: WeightsPart | None = None
        self.step_plan: StepPlanPart | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (
            self.header,
            self.problems,
            self.library,
            self._form_section(),
            self.cost,
            *self._own_parts(),
        ):
            column.addWidget(part)
        self._about = Section(line=False, top=8, bottom=4)
        self.outdated = OutdatedNotice(controller.drawing)
        self._about.add(self.outdated)
        self._about.hide()
        column.addWidget(self._about)
        self._lenses = QVBoxLayout()
        self._lenses.setSpacing(0)
        column.addLayout(self._lenses)
        column.addStretch(1)

    def _in_form(self) -> dict[str, AnyParam]:
        """The parameters that the form edits; others have parts of their own."""
        shown = {name: param for name, param in self.params.items() if name not in _ELSEWHERE}
        return shown if self.session.view.graph == MAIN else {**shown, CONDITION: condition_param()}

    def _make_form(self) -> ParamForm:
        """The rows of the parameters, with names to read within a definition."""
        form = ParamForm(self._in_form(), self._suggest)
        form.allow_expressions(self._names())
        form.edited.connect(self.edited)
        form.reset.connect(self.reset)
        form.promoted.connect(self.promoted)
        return form

    def _suggest(self, kind: str) -> list[str]:
        """What a field may offer, for the node that is shown now."""
        session, node = self.session, self.nodes[0] if len(self.nodes) == 1 else None
        return suggestions(session.project, kind, node, session.view.graph, session.report)

    def _names(self) -> frozenset[str] | None:
        """What expressions may read here; None in main, where there are none."""
        name = self.session.view.graph
        return None if name == MAIN else frozenset(expression_names(self.session.graph, name))

    def _form_section(self) -> Section:
        section = Section(line=False)
        section.add(self.form)
        if len(self.nodes) > 1 and not self.params:
            section.add(body("These layers have no parameter in common."))
        chips = QHBoxLayout()
        chips.setSpacing(6)
        chips.addWidget(self.header.bypass)
        chips.addWidget(self.header.freeze)
        chips.addStretch(1)
        chips.addWidget(self.header.open)
        section.column.addSpacing(2)
        section.column.addLayout(chips)
        return section

    def _own_parts(self) -> list[Section]:
        """What nodes of this layer have besides their lenses."""
        declared = self.declared()
        if len(self.nodes) != 1 or declared is None:
            return []
        parts: list[Section] = []
        if can_be_given(declared.params):
            self.weights = WeightsPart()
            self.weights.hide()
            self.weights.given.connect(self.given)
            self.weights.told.connect(self.session.notify)
            return [self.weights]
        if declared.role is Role.OBJECTIVE:
            self.step_plan = StepPlanPart(self.session, "In a step")
            return [self.step_plan]
        if issubclass(declared, DataSource):
            self.data = DataPreview()
            self.data.download.done.connect(self.session.recheck)
            self.data.look_wanted.connect(self._ask_for_data)
            parts.append(self.data)
            if DRAWN in self.params:
                self.pad = PadPart()
                self.pad.edited.connect(self.edited)
                parts.insert(0, self.pad)
            return parts
        if declared.role is Role.SAMPLER:
            self.cost.hide()
            self.samples = SamplesPart(self.controller, LENSES.reading(Reads.SAMPLER)[0])
            self.samples.told.connect(self.session.notify)
            parts.append(self.samples)
        return parts

    def _ask_for_data(self) -> None:
        self.data_wanted.emit(self.nodes[0].id)

    def _part(self, lens: Lens) -> LensPart:
        """The part of this lens, made when it first fits."""
        if lens.kind not in self.parts:
            is_folded = lens.is_dear and lens.kind not in self.unfolded
            part = self.parts[lens.kind] = LensPart(lens, is_folded=is_folded)
            part.step_sample.connect(self.step_sample)
            part.folded.connect(self.folded)
            part.options_changed.connect(self.options_changed)
            part.opened.connect(self.lens_wanted)
            part.weights_given.connect(self.weights_given)
            self._lenses.insertWidget(
                sum(other.lens.place < lens.place for other in self.parts.values()), part
            )
        return self.parts[lens.kind]

    def declared(self) -> type[Layer] | None:
        """The declaration that all nodes share; None where they differ or it is not known here."""
        types = {node.layer for node in self.nodes}
        name = types.pop() if len(types) == 1 else ""
        return REGISTRY.get(name)

    def lens_parts(self) -> list[LensPart | SamplesPart]:
        """The parts that want frames just now."""
        parts = (*self.parts.values(), self.samples)
        shown = [part for part in parts if part is not None and not part.isHidden()]
        return [part for part in shown if isinstance(part, SamplesPart) or not part.is_folded]

    def show_stale(self, is_stale: bool) -> None:
        """Whether what the lenses show is of another drawing than the present one."""
        self.outdated.show_for(is_stale)
        self._about.setVisible(is_stale)

    # Renewing ----------------------------------------------------------------------------------------------

    def turn_to(self, nodes: tuple[Node, ...]) -> None:
        """Other nodes of the same kind: nothing of the last ones stays."""
        self.nodes = nodes
        self.form.renew()
        self.header.refuse_name("")
        self._write_header()

    def show_nodes(self, nodes: tuple[Node, ...]) -> None:
        """The same nodes with other values."""
        self.nodes = nodes
        values = {**shared_values(nodes, self.params), CONDITION: condition_of(nodes)}
        self.form.show_source(nodes[0].id if len(nodes) == 1 else "")
        self.form.show_values(values, {**defaults(self.params), CONDITION: ""})
        self.header.bypass.setChecked(all(node.bypassed for node in nodes))
        self.header.freeze.setChecked(all(node.frozen for node in nodes))
        if len(nodes) == 1:
            self.header.show_name(nodes[0].id)
            self._show_data(nodes[0])
            if self.step_plan is not None:
                self.step_plan.show_objective(self.session.path_of(nodes[0].id))

    def show_report(self) -> None:
        """What inference says of the nodes now."""
        self.form.recall()
        self.library.show_for((self._definition(),))
        report, view = self.session.report, self.session.view
        known = by_node(report.problems, view.graph, view.path)
        unique = {(node.id, p.message): p for node in self.nodes for p in known.get(node.id, ())}
        declared = self.declared()
        heading = declared.title if declared is not None and len(self.nodes) == 1 else ""
        self.problems.show_problems(tuple(unique.values()), heading)
        if self.data is not None:
            self.data.leave_out({problem.below(heading) for problem in unique.values()})
        found = [report.nodes.get(self.session.path_of(node.id)) for node in self.nodes]
        if len(found) == 1:
            self.cost.show_report(found[0] if self.samples is None else None)
            self._show_weights(found[0])
            self._show_lenses(found[0])
        else:
            costs = [entry for entry in found if entry is not None]
            self.cost.sum.hide()
            self.cost.show_cost(
                sum(entry.parameters for entry in costs),
                sum(entry.multiply_adds for entry in costs),
                sum(entry.activation_bytes for entry in costs),
            )

    def _show_lenses(self, report: NodeReport | None) -> None:
        path = self.session.path_of(self.nodes[0].id)
        if self.samples is not None:
            self.samples.look_at(path, str(self.nodes[0].params.get("prompt", "")))
        declared = self.declared()
        fitting = [] if declared is None else PAINTERS.fitting(declared, Subject(None, report))
        shown = [self._part(lens) for lens in fitting if lens.cost is not Cost.LOOP]
        for part in self.parts.values():
            part.look_at(path)
            part.setVisible(part in shown)
            if part.lens.is_dear:
                part.set_folded(part.kind not in self.unfolded)
        for place, part in enumerate(shown):
            part.line.setVisible(place == 0)

    def _show_weights(self, report: NodeReport | None) -> None:
        part, node = self.weights, self.nodes[0]
        if part is None:
            return
        part.setVisible(report is not None and bool(report.weights))
        if report is not None and report.weights:
            part.show_weights(dict(report.weights), node.params, self.params)
            path = self.session.path_of(node.id)
            part.take_from(self.controller.draws.folder, self.session.project, path)

    def _show_data(self, node: Node) -> None:
        if self.data is None:
            return
        try:
            layer = layer_of(node)
        except ParamError:
            return
        assert isinstance(layer, DataSource)
        if self.pad is not None:
            condition = layer.params[DRAWN].visible_if
            is_drawn = condition is None or layer.values[condition[0]] in condition[1]
            self.pad.setVisible(is_drawn)
            self.pad.show_text(layer.values[DRAWN] if is_drawn else "")
        sources = {**layers_of(self.session.graph, DataSource), node.id: layer}
        self.data.show_data(data_of(sources, node.id, self.session.project.settings.seed))

    def _write_header(self) -> None:
        header, single = self.header, len(self.nodes) == 1
        declared = self.declared()
        if declared is not None:
            header.title.setText(declared.title if single else f"{len(self.nodes)} × {declared.title}")
            header.show_help(declared.summary(), declared.help())
        elif single:
            name = self.nodes[0].layer
            header.title.setText(name)
            header.show_help(f"No layer {name!r} is known here. It is kept as it is and not computed.", "")
        else:
            header.title.setText(f"{len(self.nodes)} layers")
            header.show_help("What they have in common is edited together.", "")
        header.id_entry.setVisible(single)
        definition = self._definition()
        header.open.setVisible(bool(definition))
        shown = header.open.fontMetrics().elidedText(definition, Qt.TextElideMode.ElideRight, _NAME_ROOM)
        header.open.setText(f"Open {shown}")
        header.open.setToolTip(f"Open {definition}")
        roles = {REGISTRY[node.layer].role for node in self.nodes if node.layer in REGISTRY}
        header.bypass.setVisible(bool(roles) and roles <= {Role.MODULE, Role.PLACEMENT})
        header.freeze.setVisible(bool(roles) and roles <= {Role.MODULE, Role.PLACEMENT})

    def _definition(self) -> str:
        node = self.nodes[0]
        name: Any = node.params.get("definition", "") if len(self.nodes) == 1 and is_placement(node) else ""
        return name if name in self.session.project.graphs else ""
