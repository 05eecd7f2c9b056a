package linear_test

import "checker/history"

// act is an op of a small random history, as the oracle sees it.
type act struct {
	f        string // read, write or cas
	a, b     int64  // write a; cas a b; read a when ok
	outcome  history.Type
	inv, res int // rows; res is never used unless the op is ok
}

// null stands for nil among the values of acts.
const null = -1

// bruteForce reports whether some order of all ok ops and of any of the crashed
// ones is one that a register explains. It tries every order and shares nothing
// with the code under test.
func bruteForce(acts []act, start int64) bool {
	var live []act
	for _, a := range acts {
		if a.outcome != history.Fail {
			live = append(live, a)
		}
	}
	return bruteOrder(live, make([]bool, len(live)), start)
}

func bruteOrder(acts []act, done []bool, value int64) bool {
	finished := true
	for i := range acts {
		if !done[i] && acts[i].outcome == history.Ok {
			finished = false
		}
	}
	if finished {
		return true // crashed ops need not have happened
	}
	for i, a := range acts {
		if done[i] || !mayBeNext(acts, done, a) {
			continue
		}
		next, ok := apply(a, value)
		if !ok {
			continue
		}
		done[i] = true
		if bruteOrder(acts, done, next) {
			return true
		}
		done[i] = false
	}
	return false
}

func mayBeNext(acts []act, done []bool, a act) bool {
	for j, b := range acts {
		if !done[j] && b.outcome == history.Ok && b.res < a.inv {
			return false
		}
	}
	return true
}

func apply(a act, value int64) (next int64, ok bool) {
	switch a.f {
	case "write":
		return a.a, true
	case "cas":
		return a.b, a.a == value
	}
	return value, a.outcome != history.Ok || a.a == value
}
