package gen

import "fmt"

// Misuse is what a generator panics with that was put together in a way that
// cannot work, or that broke the laws: a mistake in a program, not in a database.
type Misuse struct{ Problem string }

func (m *Misuse) Error() string { return "generator: " + m.Problem }

func misuse(format string, args ...any) *Misuse {
	return &Misuse{Problem: fmt.Sprintf(format, args...)}
}
