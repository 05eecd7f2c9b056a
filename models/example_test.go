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

// judge asks whether a model explains the ops of a history in their order, as a
// checker would for one order of many.
func judge(m models.Model, edn string) {
	h, err := history.Read(strings.NewReader(edn), "example", history.ReadOptions{Format: history.EDN})
	if err != nil {
		fmt.Println(err)
		return
	}
	values := models.NewValues(&h.Heap)
	state, err := m.Start(values)
	for _, p := range h.Pairs() {
		in, out := h.Ref(int(p.Inv)), h.Ref(int(p.Comp))
		if m.Keyed { // all examples have one key
			in, out = h.Inner(int(p.Inv)), h.Inner(int(p.Comp))
		}
		var op models.Op
		if op, err = m.Op(values, m.Function(h.FName(h.F(int(p.Inv)))), in, out, true); err != nil {
			break
		}
		next, ok := m.Step(values, state, op)
		if !ok {
			fmt.Printf("%s: %s cannot be next\n", m.Name, m.Describe(op.F, h.Value(in), h.Value(out), true))
			return
		}
		state = next
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: explained\n", m.Name)
}
