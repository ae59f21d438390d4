"""The parameters by which data are read, under the sentences that they are about: split, scaling, the rest.

A form as in the inspector, of the parameters that the data set declares; it tells what is edited.
"""

from __future__ import annotations

import copy

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.data.notices import as_sentence
from app.forms.field import AnyParam
from app.forms.form import ParamForm
from app.widgets.section import Heading, Section
from app.widgets.text import Label, body
from nodes.data.source import DataSource
from nodes.data_sets.declaration import OF_THE_NODE
from nodes.data_sets.registry import data_sets
from nodes.reading.look import DataLook

_SPLIT = ("validation", "sampl", "split", "division", "group", "stratif", "fold", "held", "test", "balance")
_SCALING = ("scal", "normal", "unit", "standard")
_ELSEWHERE = ("path", "points", "dataset", "paired_with", "fingerprint")
"""Parameters that have a place of their own: path and set in the heading, the others in the inspector."""


class SettingsPart(QWidget):
    """Three sections, made anew where another data set reads. `edited` tells a parameter and its value."""

    edited = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, ParamForm] = {}
        self.sentences: dict[str, Label] = {}
        self._dataset = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_source(self, source: DataSource, look: DataLook | None) -> None:
        """Show how this source reads, and what its split and scaling are in words."""
        if source.dataset != self._dataset:
            self._dataset = source.dataset
            self._make(source.dataset)
        words = {"Split": look.division, "Scaling": look.scaling} if look is not None else {}
        for title, label in self.sentences.items():
            sentence = words.get(title, "")
            label.setText(as_sentence(sentence))
            label.setVisible(bool(sentence))
        values = {name: DataSource.params[name].to_json(source.values[name]) for name in self._names()}
        for form in self.forms.values():
            form.show_values(
                {name: values[name] for name in form.params},
                {name: param.to_json(param.default) for name, param in form.params.items()},
            )

    def forget(self) -> None:
        """What was edited is taken back: the next values are shown whatever stands in the fields."""
        for form in self.forms.values():
            form.renew()

    def _names(self) -> list[str]:
        return [name for form in self.forms.values() for name in form.params]

    def _make(self, dataset: str) -> None:
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.forms, self.sentences = {}, {}
        every = (*data_sets()[dataset].params, *OF_THE_NODE)
        known = [name for name in every if name not in _ELSEWHERE]
        split = [name for name in known if _is_about(name, _SPLIT)]
        scaling = [name for name in known if _is_about(name, _SCALING) and name not in split]
        rest = [name for name in known if name not in split and name not in scaling]
        for title, names in (("Split", split), ("Scaling", scaling), ("More", rest)):
            if names:
                self._column.addWidget(self._section(title, names))
        self._column.addStretch(1)

    def _section(self, title: str, names: list[str]) -> Section:
        section = Section()
        section.add(Heading(title))
        if title != "More":
            self.sentences[title] = body("")
            section.add(self.sentences[title])
        form = ParamForm({name: _shown(name, title) for name in names}, _no_suggestions)
        form.edited.connect(lambda name, value, _gesture: self.edited.emit(name, value))
        form.reset.connect(lambda name: self.edited.emit(name, _default(name)))
        self.forms[title] = form
        section.add(form)
        return section


def _shown(name: str, title: str) -> AnyParam:
    """A parameter for its row: always in sight where its section is about it."""
    param = copy.copy(DataSource.params[name])
    param.visible_if = None
    if title != "More":
        param.advanced = False
    return param


def _default(name: str) -> object:
    param = DataSource.params[name]
    return param.to_json(param.default)


def _is_about(name: str, words: tuple[str, ...]) -> bool:
    return any(name.startswith(word) for word in words)


def _no_suggestions(_kind: str) -> list[str]:
    return []
