package simulated

// boxes makes the packets of a cluster, many at a time. They are the most frequent
// thing in a run that outlives the step it was made in; one by one they would cost
// more than what they cause.
type boxes[T any] struct{ empty []T }

// boxesAtOnce bounds what one packet that is held up can keep alive.
const boxesAtOnce = 64

// put returns v in a place of its own.
func (b *boxes[T]) put(v T) *T {
	if len(b.empty) == 0 {
		b.empty = make([]T, boxesAtOnce)
	}
	box := &b.empty[0]
	b.empty = b.empty[1:]
	*box = v
	return box
}
