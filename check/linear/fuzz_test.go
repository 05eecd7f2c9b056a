package linear_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"

	"checker/check"
	"checker/check/linear"
	"checker/history"
	"checker/models"
)

// FuzzCheck judges arbitrary histories by every model: each gives a verdict, or
// an error that says what does not fit, and none panics.
func FuzzCheck(f *testing.F) {
	for seed := range 20 {
		h := record(f, randomActs(rand.New(rand.NewPCG(uint64(seed), 5)), 7, seed%2 == 0))
		var b bytes.Buffer
		if err := history.WriteHistory(&b, h, history.EDN); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte(`{:process 0 :type :invoke :f :txn :value [[:r 1 nil] [:w 2 3]]}`))
	f.Add([]byte(`{:process 0 :type :invoke :f :add :value {1 2}} {:process 0 :type :ok :f :add :value #{3}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := history.Read(bytes.NewReader(data), "fuzz", history.ReadOptions{Format: history.EDN, AllowTruncated: true})
		if err != nil || h.Len() > 200 {
			return
		}
		for _, m := range models.All() {
			for _, engine := range []linear.Engine{linear.Auto, linear.Porcupine} {
				c := linear.New(m, linear.Options{Engine: engine, Steps: 2000, Memory: 32 << 20})
				r, err := c.Check(context.Background(), h)
				if err == nil && (r.Verdict == check.Invalid) != (len(r.Anomalies) > 0) {
					t.Errorf("%s: %v with %d anomalies", m.Name, r.Verdict, len(r.Anomalies))
				}
			}
		}
	})
}
