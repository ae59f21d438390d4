"""The upper parts of the inspector for nodes: heading and help, problems with fixes, shapes and cost.

Each part shows what it is given and emits what was asked for; the inspector makes edits of it.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.forms.box import LineEntry
from app.style import theme
from app.widgets.buttons import Chip, QuietButton
from app.widgets.numbers import grouped, scaled
from app.widgets.section import Figures, Section
from app.widgets.text import ElidedLabel, Span, SpanLabel, body, caption, mono_label
from engine.report import Fix, NodeReport, Problem
from nodes.spec import TensorSpec

NAME_WIDTH, WIDEST_NAME = 110, 196
MOST_PROBLEMS = 12
"""Problems of one node that are listed: a block may hold thousands."""


class NodeHeader(Section):
    """The layer's title, the node's id (a click edits it), the help, and whether it is bypassed or frozen."""

    renamed = Signal(str)
    bypass_clicked = Signal(bool)
    freeze_clicked = Signal(bool)
    open_clicked = Signal()

    def __init__(self) -> None:
        super().__init__(line=False, top=14, bottom=0)
        self.title = ElidedLabel("", role="heading")
        self.id_entry = LineEntry()
        self.id_entry.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.id_entry.setFixedWidth(NAME_WIDTH)
        self.id_entry.setToolTip("Name of the node, and of its weights. Click to rename.")
        self.id_entry.committed.connect(self.renamed)
        line = QHBoxLayout()
        line.addWidget(self.title, 1)
        line.addWidget(self.id_entry)
        self.help = SpanLabel()
        self.help.setProperty("role", "body")
        self.help.linkActivated.connect(self._turn_help)
        self.message = body("")
        self.bypass = self._chip("Bypass", "Let values pass by this node unchanged", self.bypass_clicked)
        self.freeze = self._chip("Freeze", "Keep the weights of this node as they are", self.freeze_clicked)
        self.open = QuietButton("Open")
        self.open.clicked.connect(self.open_clicked)
        self.column.setSpacing(3)
        self.column.addLayout(line)
        self.column.addWidget(self.help)
        self.column.addWidget(self.message)
        self.message.hide()
        self._texts = ("", "")
        self._whole = False
        self.id_entry.textEdited.connect(lambda _: self.message.hide())
        self.id_entry.reverted.connect(self.message.hide)
        theme.changed.connect(self._dress)
        self._dress()

    def _chip(self, text: str, tip: str, signal: SignalInstance) -> Chip:
        chip = Chip(text)
        chip.setCheckable(True)
        chip.setToolTip(tip)
        chip.clicked.connect(signal)
        return chip

    def show_help(self, summary: str, whole: str) -> None:
        """The summary, and behind a link the whole text where there is more."""
        self._texts, self._whole = (summary.replace("`", ""), whole.replace("`", "")), False
        self._write_help()

    def _turn_help(self) -> None:
        self._whole = not self._whole
        self._write_help()

    def _write_help(self) -> None:
        summary, whole = self._texts
        more = bool(whole) and " ".join(whole.split()) != summary
        text = _paragraphs(whole) if self._whole else summary
        link = Span("Less" if self._whole else "Help", theme.current().accent, "help")
        self.help.show_parts([text, " ", link] if more else [text])
        self.help.setVisible(bool(summary))

    def show_name(self, name: str) -> None:
        """The node's id, in as much room as it wants and the title can spare."""
        wanted = self.id_entry.fontMetrics().horizontalAdvance(name) + 16
        self.id_entry.setFixedWidth(min(max(NAME_WIDTH, wanted), WIDEST_NAME))
        self.id_entry.show_text(name)
        self.id_entry.setCursorPosition(0)

    def refuse_name(self, message: str) -> None:
        self.message.setText(message)
        self.message.setVisible(bool(message))

    def _dress(self) -> None:
        self.message.setStyleSheet(f"color: {theme.current().bad}; font-size: 11px;")
        self._write_help()


class Problems(Section):
    """What is wrong with the node, and the edits that fix it."""

    fix_clicked = Signal(object)  # Fix

    def __init__(self) -> None:
        super().__init__(line=False, top=10, bottom=0)
        self._shown: tuple[Problem, ...] | None = None
        self._cards: list[QWidget] = []
        self.buttons: list[QuietButton] = []
        theme.changed.connect(self._dress)

    def show_problems(self, problems: tuple[Problem, ...], heading: str = "") -> None:
        """Cards for these; `heading` is the layer's name where the panel says it already."""
        if problems == self._shown:
            return
        for card in self._cards:
            self.column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._shown, self._cards, self.buttons = problems, [], []
        for problem in problems[:MOST_PROBLEMS]:
            self._add(self._make_card(problem, heading))
        if len(problems) > MOST_PROBLEMS:
            self._add(caption(f"and {len(problems) - MOST_PROBLEMS:,} more"))
        self.setVisible(bool(problems))
        self._dress()

    def _add(self, card: QWidget) -> None:
        self._cards.append(card)
        self.column.addWidget(card)

    def _make_card(self, problem: Problem, heading: str) -> QWidget:
        card = QWidget()
        card.setObjectName("problem")
        card.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        card.setProperty("severity", problem.severity)
        column = QVBoxLayout(card)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(5)
        text = body(problem.below(heading))
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(text)
        if problem.arithmetic:
            sum_label = mono_label(problem.arithmetic)
            sum_label.setWordWrap(True)
            column.addWidget(sum_label)
        for fix in problem.fixes:
            column.addWidget(self._make_button(fix), 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _make_button(self, fix: Fix) -> QuietButton:
        button = QuietButton(fix.title)
        button.clicked.connect(lambda: self.fix_clicked.emit(fix))
        self.buttons.append(button)
        return button

    def _dress(self) -> None:
        tokens = theme.current()
        for card in self._cards:
            edge = tokens.warn if card.property("severity") == "warning" else tokens.bad
            ground = theme.colour(edge, 0.10).name(QColor.NameFormat.HexArgb)
            card.setStyleSheet(
                f"#problem {{ background: {ground}; border: 1px solid {edge}; border-radius: 6px; }}"
                f"#problem QLabel {{ color: {tokens.text}; }}"
            )


class CostPart(Section):
    """The sum behind the output shape, input → output, and what the node costs."""

    def __init__(self) -> None:
        super().__init__()
        self.sum = SpanLabel()
        self.sum.setObjectName("sum")
        self.sum.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sum.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.figures = Figures()
        self.add(self.sum)
        self.column.addSpacing(2)
        self.add(self.figures)
        self._report: NodeReport | None = None
        theme.changed.connect(self._write_sum)

    def show_report(self, report: NodeReport | None) -> None:
        """None: inference knows nothing of the node (yet, or because of a problem)."""
        self.setVisible(report is not None)
        if report is None or report is self._report:
            return
        self._report = report
        self._write_sum()
        self.show_cost(report.parameters, report.multiply_adds, report.activation_bytes)

    def show_cost(self, parameters: int, multiply_adds: int, activation_bytes: int) -> None:
        """The figures alone (also the sums over several nodes); none where there is nothing to count."""
        self.figures.setVisible(any((parameters, multiply_adds, activation_bytes)))
        self.figures.show_figures(
            {
                "Parameters": grouped(parameters),
                "Multiply-adds / sample": grouped(multiply_adds),
                "Activations / sample": scaled(activation_bytes, "B"),
            }
        )

    def _write_sum(self) -> None:
        tokens, report = theme.current(), self._report
        self.sum.setStyleSheet(
            f"#sum {{ background: {tokens.raised}; color: {tokens.muted}; border-radius: 6px;"
            ' padding: 8px 10px; font-family: "JetBrains Mono"; font-size: 11px; }'
        )
        if report is None:
            self.sum.hide()
            return
        lines = [_with_result(line, "=", tokens.text) for line in report.arithmetic.splitlines()]
        lines += [_with_result(_flow(report), "→", tokens.text)] if _flow(report) else []
        parts = [part for line in lines for part in ("\n", *line)][1:]
        self.sum.show_parts(parts)
        self.sum.setVisible(bool(lines))


def _paragraphs(text: str) -> str:
    """Text whose lines were broken in its source: a paragraph is one line again."""
    return "\n\n".join(part.replace("\n", " ") for part in text.split("\n\n"))


def _with_result(line: str, sign: str, colour: str) -> list[str | Span]:
    """What comes behind the last sign, that to which the rest leads, stands out."""
    before, found, result = line.rpartition(sign)
    return [f"{before}{found}", Span(result, colour)] if found else [line]


def _flow(report: NodeReport) -> str:
    """`N×1×28×28 → N×6×28×28`; several ends are set apart by commas."""
    entering = [_short(spec) for specs in report.inputs.values() for spec in specs]
    leaving = [_short(spec) for spec in report.outputs.values()]
    if not entering and not leaving:
        return ""
    return f"{', '.join(entering)} → {', '.join(leaving)}".strip()


def _short(spec: TensorSpec) -> str:
    return str(spec) if spec.is_float else f"{spec} {spec.dtype}"
