package history

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// build makes a history of ops, failing the test where one is refused.
func build(t rapid.TB, ops ...Op) *History {
	t.Helper()
	b := NewBuilder()
	for _, op := range ops {
		if err := b.AddOp(op); err != nil {
			t.Fatalf("%v: %v", op, err)
		}
	}
	return b.History()
}

func txn(mops ...Value) Value { return Vector(mops...) }

func TestInvocationSharesMicroOpsWithItsCompletion(t *testing.T) {
	inv := txn(Mop("r", Int(1), Nil), Mop("append", Int(2), Int(7)))
	done := txn(Mop("r", Int(1), Ints(3, 4)), Mop("append", Int(2), Int(7)))
	h := build(t,
		Op{Process: 0, Type: Invoke, F: "txn", Value: inv},
		Op{Process: 0, Type: Ok, F: "txn", Value: done})
	if got := h.Op(0).Value; !got.Equal(inv) {
		t.Errorf("invocation reads back as %v, want %v", got, inv)
	}
	if got := h.Op(1).Value; !got.Equal(done) {
		t.Errorf("completion reads back as %v, want %v", got, done)
	}
	if n := len(h.mopF); n != 2 {
		t.Errorf("%d micro-ops stored, want 2: the ends of the op share them", n)
	}
	if len(h.cells) != 0 {
		t.Errorf("%d cells left behind by micro-op vectors", len(h.cells))
	}
}

func TestContradictionsAreRefused(t *testing.T) {
	tests := []struct {
		name string
		ops  []Op
		want string
	}{
		{"two open ops", []Op{{Type: Invoke, F: "read"}, {Type: Invoke, F: "read"}}, "still open"},
		{"completed twice", []Op{{Type: Invoke, F: "read"}, {Type: Ok, F: "read"}, {Type: Ok, F: "read"}}, "without an open invocation"},
		{"never invoked", []Op{{Type: Fail, F: "read"}}, "without an open invocation"},
		{"another function", []Op{{Type: Invoke, F: "read"}, {Type: Ok, F: "write"}}, "but its open op"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := NewBuilder()
			var err error
			for _, op := range test.ops {
				if err = b.AddOp(op); err != nil {
					break
				}
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}
