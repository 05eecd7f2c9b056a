package stores

import (
	"fmt"

	"checker/history"
	"checker/workloads/gen"
	"checker/workloads/gen/txns"
)

// Database is a store that takes ops one after the other, as a client of a run
// does: each transaction runs from beginning to end before the next.
type Database struct {
	engine engine
	driver driver
}

// Open returns an empty database. Of the parameters it takes the seed, the data
// model, and how many transactions abort or are stale.
func Open(s Store, p Params) *Database {
	return &Database{s.open(gen.NewRand(p.Seed, "store"), p), driver{Params: p, rng: gen.NewRand(p.Seed, "driver")}}
}

// Do runs the transaction of an invocation and returns its completion, at the
// same time. An error is an op that is no transaction.
func (db *Database) Do(op history.Op) (history.Op, error) {
	c := client{}
	for _, mop := range op.Value.Elems() {
		parts := mop.Elems()
		if len(parts) != 3 {
			return op, fmt.Errorf("%s is no micro-op", mop)
		}
		key, ok := parts[1].Int()
		value, isInt := parts[2].Int()
		m := txns.Mop{Write: parts[0].Text() != "r", Key: key, Value: value}
		if !ok || m.Write != isInt {
			return op, fmt.Errorf("%s is no micro-op on whole numbers", mop)
		}
		c.mops = append(c.mops, m)
	}
	c.running, c.phase = db.engine.begin(int(op.Process), c.mops), running
	for c.phase == running {
		db.driver.proceed(&c)
	}
	if op.Type = c.outcome; op.Type == history.Ok {
		op.Value = db.answer(op.Value, &c)
	}
	return op, nil
}

// answer fills in what was read.
func (db *Database) answer(asked history.Value, c *client) history.Value {
	var mops []history.Value
	for i, mop := range asked.Elems() {
		elems := c.results.at(i)
		switch f, key := mop.Elems()[0], mop.Elems()[1]; {
		case c.mops[i].Write || len(elems) == 0:
			mops = append(mops, mop)
		case db.driver.Registers:
			mops = append(mops, history.Vector(f, key, history.Int(int64(elems[len(elems)-1]))))
		default:
			list := make([]history.Value, len(elems))
			for j, e := range elems {
				list[j] = history.Int(int64(e))
			}
			mops = append(mops, history.Vector(f, key, history.Vector(list...)))
		}
	}
	return history.Vector(mops...)
}
