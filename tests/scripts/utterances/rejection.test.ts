import { expect } from "chai";
import { rejectionOf } from "../../../scripts/utterances/rejection";

describe("rejectionOf", () => {
  const cases: Record<string, [text: string, rejection: ReturnType<typeof rejectionOf>]> = {
    "takes a usual utterance": ["¿A qué hora abre la biblioteca?", undefined],
    "takes a digit alone": ["7", undefined],
    "takes 500 characters": ["a".repeat(500), undefined],
    "takes the name of a slot in braces": ["reservar para {Fecha_Reserva} a las {Hora}", undefined],
    "takes joined emoji beside a word": ["hola 👨\u200D👩\u200D👧", undefined],
    "refuses nothing at all": ["", "empty"],
    "refuses 501 characters": ["a".repeat(501), "too-long"],
    "counts UTF-16 code units, so that 251 emoji are too long": ["😀".repeat(251), "too-long"],
    "refuses a control character": ["hola\u0007", "invalid-characters"],
    "refuses NUL": ["hola\u0000", "invalid-characters"],
    "refuses the next-line control": ["hola\u0085", "invalid-characters"],
    "refuses an unpaired surrogate": ["hola \uD83D", "invalid-characters"],
    "refuses what could not be decoded": ["a\uFFFDo", "invalid-characters"],
    "refuses a mark that turns the writing direction": ["hola \u202Eadios", "invalid-characters"],
    "refuses an isolate": ["hola \u2066adios", "invalid-characters"],
    "refuses punctuation alone": ["¿?!", "no-letter-or-digit"],
    "refuses an emoji alone": ["👍", "no-letter-or-digit"],
    "refuses a brace that is not closed": ["reservar {Fecha", "braces"],
    "refuses a brace that is not opened": ["reservar Fecha}", "braces"],
    "refuses empty braces": ["reservar {}", "braces"],
    "refuses a name that Lex does not take": ["reservar {fecha de inicio}", "braces"],
    "refuses nested braces": ["reservar {{Fecha}}", "braces"],
  };
  for (const [name, [text, rejection]] of Object.entries(cases)) {
    it(name, () => {
      expect(rejectionOf(text)).to.equal(rejection);
    });
  }
});
