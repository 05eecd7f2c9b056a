package history

import "testing"

func TestParseEDNReadsWhatStringPrints(t *testing.T) {
	for _, v := range []Value{
		Nil, Bool(true), Int(-7), Float(1.5), String("a \"b\"\n"), Keyword("x"), Vector(), Ints(1, 2),
		Vector(Int(3), Ints(4, 5)), Set(Int(1)), List(Nil), Map(Keyword("k"), Int(1)),
		Vector(Mop("r", Int(1), Ints(2)), Mop("append", Int(1), Int(3))),
	} {
		got, err := ParseEDN(v.String())
		if err != nil || !got.Equal(v) {
			t.Errorf("%s reads back as %s (%v)", v, got, err)
		}
	}
	for _, text := range []string{"", "[1", "1 2", "]", "\"a"} {
		if v, err := ParseEDN(text); err == nil {
			t.Errorf("%q was read as %s", text, v)
		}
	}
}
