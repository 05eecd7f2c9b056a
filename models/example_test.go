package models_test

import (
	"fmt"
	"strings"

	"checker/history"
	"checker/models"
)

// Toggle is a model of one's own: a switch that flip turns and read shows.
func Toggle() models.Model {
	return models.Model{
		Name:      "toggle",
		Summary:   "a switch that flip turns and read shows",
		Functions: []models.Function{{Name: "flip"}, {Name: "read", Result: true, Pure: true}},
		Initial:   history.Bool(false),
		Step: func(v *models.Values, state models.Datum, op models.Op) (models.Datum, bool) {
			if op.F == 0 {
				return v.Add(history.Bool(!v.Value(state).Bool())), true
			}
			return state, op.Out[0] == state
		},
	}
}

func Example() {
	judge(Toggle(), `
		{:process 0 :type :invoke :f :flip :value nil} {:process 0 :type :ok :f :flip :value nil}
		{:process 1 :type :invoke :f :read :value nil} {:process 1 :type :ok :f :read :value true}`)
	judge(Toggle(), `
		{:process 0 :type :invoke :f :flip :value nil} {:process 0 :type :ok :f :flip :value nil}
		{:process 1 :type :invoke :f :read :value nil} {:process 1 :type :ok :f :read :value false}`)
	// Output:
	// toggle: explained
	// toggle: read → false cannot be next
}

func ExampleModel_next() {
	judge(Dice(), `
		{:process 0 :type :invoke :f :roll :value nil} {:process 0 :type :ok :f :roll :value nil}
		{:process 1 :type :invoke :f :read :value nil} {:process 1 :type :ok :f :read :value 6}`)
	judge(Dice(), `
		{:process 0 :type :invoke :f :roll :value nil} {:process 0 :type :ok :f :roll :value nil}
		{:process 1 :type :invoke :f :read :value nil} {:process 1 :type :ok :f :read :value 7}`)
	// Output:
	// dice: explained
	// dice: read → 7 cannot be next
}

func ExampleRegister() {
	judge(models.Register(), `
		{:process 0 :type :invoke :f :write :value 7} {:process 0 :type :ok :f :write :value 7}
		{:process 1 :type :invoke :f :read :value nil} {:process 1 :type :ok :f :read :value 7}`)
	// Output: register: explained
}

func ExampleCASRegister() {
	judge(models.CASRegister(), `
		{:process 0 :type :invoke :f :write :value 1} {:process 0 :type :ok :f :write :value 1}
		{:process 0 :type :invoke :f :cas :value [1 2]} {:process 0 :type :ok :f :cas :value [1 2]}
		{:process 1 :type :invoke :f :cas :value [1 3]} {:process 1 :type :ok :f :cas :value [1 3]}`)
	// Output: cas-register: cas [1 3] cannot be next
}

func ExampleMultiRegister() {
	m, _ := models.Parse("multi-register=0")
	judge(m, `
		{:process 0 :type :invoke :f :txn :value [[:w :x 1] [:w :y 1]]} {:process 0 :type :ok :f :txn :value [[:w :x 1] [:w :y 1]]}
		{:process 1 :type :invoke :f :txn :value [[:r :x nil] [:r :y nil]]} {:process 1 :type :ok :f :txn :value [[:r :x 1] [:r :y 0]]}`)
	// Output: multi-register: txn [[:r :x nil] [:r :y nil]] → [[:r :x 1] [:r :y 0]] cannot be next
}

func ExampleKV() {
	judge(models.KV(), `
		{:process 0 :type :invoke :f :put :value ["k" "a"]} {:process 0 :type :ok :f :put :value ["k" "a"]}
		{:process 0 :type :invoke :f :append :value ["k" "b"]} {:process 0 :type :ok :f :append :value ["k" "b"]}
		{:process 1 :type :invoke :f :get :value ["k" nil]} {:process 1 :type :ok :f :get :value ["k" "ab"]}`)
	// Output: kv: explained
}

func ExampleSet() {
	judge(models.Set(), `
		{:process 0 :type :invoke :f :add :value 1} {:process 0 :type :ok :f :add :value 1}
		{:process 0 :type :invoke :f :add :value 2} {:process 0 :type :ok :f :add :value 2}
		{:process 1 :type :invoke :f :read :value nil} {:process 1 :type :ok :f :read :value #{2 1}}`)
	// Output: set: explained
}

func ExampleCounter() {
	judge(models.Counter(), `
		{:process 0 :type :invoke :f :add :value 5} {:process 0 :type :ok :f :add :value 5}
		{:process 0 :type :invoke :f :dec :value nil} {:process 0 :type :ok :f :dec :value nil}
		{:process 1 :type :invoke :f :read :value nil} {:process 1 :type :ok :f :read :value 4}`)
	// Output: counter: explained
}

func ExampleMaxRegister() {
	judge(models.MaxRegister(), `
		{:process 0 :type :invoke :f :write :value 3} {:process 0 :type :ok :f :write :value 3}
		{:process 0 :type :invoke :f :write :value 2} {:process 0 :type :ok :f :write :value 2}
		{:process 0 :type :invoke :f :read :value nil} {:process 0 :type :ok :f :read :value 3}`)
	// Output: max-register: explained
}

func ExampleTestAndSet() {
	judge(models.TestAndSet(), `
		{:process 0 :type :invoke :f :test-and-set :value nil} {:process 0 :type :ok :f :test-and-set :value false}
		{:process 0 :type :invoke :f :test-and-set :value nil} {:process 0 :type :ok :f :test-and-set :value false}`)
	// Output: test-and-set: test-and-set → false cannot be next
}

func ExampleLog() {
	judge(models.Log(), `
		{:process 0 :type :invoke :f :append :value "a"} {:process 0 :type :ok :f :append :value "a"}
		{:process 0 :type :invoke :f :append :value "b"} {:process 0 :type :ok :f :append :value "b"}
		{:process 0 :type :invoke :f :read :value nil} {:process 0 :type :ok :f :read :value ["a" "b"]}`)
	// Output: log: explained
}

func ExampleQueue() {
	judge(models.Queue(), `
		{:process 0 :type :invoke :f :enqueue :value 1} {:process 0 :type :ok :f :enqueue :value 1}
		{:process 0 :type :invoke :f :enqueue :value 2} {:process 0 :type :ok :f :enqueue :value 2}
		{:process 0 :type :invoke :f :dequeue :value nil} {:process 0 :type :ok :f :dequeue :value 2}`)
	// Output: queue: explained
}

func ExampleFIFOQueue() {
	judge(models.FIFOQueue(), `
		{:process 0 :type :invoke :f :enqueue :value 1} {:process 0 :type :ok :f :enqueue :value 1}
		{:process 0 :type :invoke :f :enqueue :value 2} {:process 0 :type :ok :f :enqueue :value 2}
		{:process 0 :type :invoke :f :dequeue :value nil} {:process 0 :type :ok :f :dequeue :value 2}`)
	// Output: fifo-queue: dequeue → 2 cannot be next
}

func ExamplePriorityQueue() {
	judge(models.PriorityQueue(), `
		{:process 0 :type :invoke :f :insert :value 5} {:process 0 :type :ok :f :insert :value 5}
		{:process 0 :type :invoke :f :insert :value 2} {:process 0 :type :ok :f :insert :value 2}
		{:process 0 :type :invoke :f :delete-min :value nil} {:process 0 :type :ok :f :delete-min :value 2}
		{:process 0 :type :invoke :f :delete-min :value nil} {:process 0 :type :ok :f :delete-min :value 5}`)
	// Output: priority-queue: explained
}

func ExampleStack() {
	judge(models.Stack(), `
		{:process 0 :type :invoke :f :push :value 1} {:process 0 :type :ok :f :push :value 1}
		{:process 0 :type :invoke :f :push :value 2} {:process 0 :type :ok :f :push :value 2}
		{:process 0 :type :invoke :f :pop :value nil} {:process 0 :type :ok :f :pop :value 2}
		{:process 0 :type :invoke :f :pop :value nil} {:process 0 :type :ok :f :pop :value nil}`)
	// Output: stack: pop → nil cannot be next
}

func ExampleMutex() {
	judge(models.Mutex(), `
		{:process 0 :type :invoke :f :acquire :value nil} {:process 0 :type :ok :f :acquire :value nil}
		{:process 0 :type :invoke :f :release :value nil} {:process 0 :type :ok :f :release :value nil}
		{:process 0 :type :invoke :f :acquire :value nil} {:process 0 :type :ok :f :acquire :value nil}`)
	// Output: mutex: explained
}

func ExampleOwnedMutex() {
	judge(models.OwnedMutex(), `
		{:process 0 :type :invoke :f :acquire :value nil} {:process 0 :type :ok :f :acquire :value nil}
		{:process 0 :type :invoke :f :acquire :value nil} {:process 0 :type :ok :f :acquire :value nil}`)
	// Output: owned-mutex: acquire cannot be next
}

func ExampleReentrantMutex() {
	judge(models.ReentrantMutex(), `
		{:process 0 :type :invoke :f :acquire :value nil} {:process 0 :type :ok :f :acquire :value nil}
		{:process 0 :type :invoke :f :acquire :value nil} {:process 0 :type :ok :f :acquire :value nil}
		{:process 0 :type :invoke :f :release :value nil} {:process 0 :type :ok :f :release :value nil}`)
	// Output: reentrant-mutex: explained
}

func ExampleSemaphore() {
	judge(models.Semaphore(), `
		{:process 0 :type :invoke :f :acquire :value nil} {:process 0 :type :ok :f :acquire :value nil}
		{:process 0 :type :invoke :f :release :value nil} {:process 0 :type :ok :f :release :value nil}
		{:process 0 :type :invoke :f :release :value nil} {:process 0 :type :ok :f :release :value nil}`)
	// Output: semaphore: release cannot be next
}

func ExampleFencedLock() {
	judge(models.FencedLock(), `
		{:process 0 :type :invoke :f :acquire :value nil} {:process 0 :type :ok :f :acquire :value 33}
		{:process 0 :type :invoke :f :release :value nil} {:process 0 :type :ok :f :release :value nil}
		{:process 0 :type :invoke :f :acquire :value nil} {:process 0 :type :ok :f :acquire :value 32}`)
	// Output: fenced-lock: acquire → 32 cannot be next
}

func ExampleBank() {
	judge(models.Bank(), `
		{:process 0 :type :invoke :f :read :value nil} {:process 0 :type :ok :f :read :value {:a 5 :b 0}}
		{:process 0 :type :invoke :f :transfer :value {:from :a :to :b :amount 3}} {:process 0 :type :ok :f :transfer :value {:from :a :to :b :amount 3}}
		{:process 0 :type :invoke :f :read :value nil} {:process 0 :type :ok :f :read :value {:a 2 :b 3}}`)
	// Output: bank: explained
}

func ExampleUniqueIDs() {
	judge(models.UniqueIDs(), `
		{:process 0 :type :invoke :f :generate :value nil} {:process 0 :type :ok :f :generate :value 7}
		{:process 0 :type :invoke :f :generate :value nil} {:process 0 :type :ok :f :generate :value 7}`)
	// Output: unique-ids: generate → 7 cannot be next
}

// Dice is a model of one's own that may do one of several things.
func Dice() models.Model {
	return models.Model{
		Name:      "dice",
		Summary:   "a die that rolls and is read",
		Functions: []models.Function{{Name: "roll"}, {Name: "read", Result: true, Pure: true}},
		Initial:   history.Int(1),
		Next: func(v *models.Values, state models.Datum, op models.Op, next []models.Datum) []models.Datum {
			for side := int64(1); op.F == 0 && side <= 6; side++ {
				next = append(next, v.Add(history.Int(side)))
			}
			if op.F == 1 && op.Out[0] == state {
				next = append(next, state)
			}
			return next
		},
	}
}

// judge asks whether a model explains the ops of a history in their order, as a
// checker would for one order of many.
func judge(m models.Model, edn string) {
	h, err := history.Read(strings.NewReader(edn), "example", history.ReadOptions{Format: history.EDN})
	if err != nil {
		fmt.Println(err)
		return
	}
	values := models.NewValues(&h.Heap)
	start, err := m.Start(values)
	states := []models.Datum{start}
	for _, p := range h.Pairs() {
		in, out := h.Ref(int(p.Inv)), h.Ref(int(p.Comp))
		if m.Keyed { // all examples have one key
			in, out = h.Inner(int(p.Inv)), h.Inner(int(p.Comp))
		}
		var op models.Op
		if op, err = m.Op(values, m.Function(h.FName(h.F(int(p.Inv)))), in, out, true); err != nil {
			break
		}
		var next []models.Datum
		for _, state := range states {
			next = m.Successors(values, state, op, next)
		}
		if len(next) == 0 {
			fmt.Printf("%s: %s cannot be next\n", m.Name, m.Describe(op.F, h.Value(in), h.Value(out), true))
			return
		}
		states = next
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: explained\n", m.Name)
}
