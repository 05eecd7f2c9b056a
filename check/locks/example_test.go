package locks_test

import (
	"context"
	"fmt"
	"strings"

	"checker/check"
	"checker/check/locks"
	"checker/history"
)

// A lock is granted for 2 s, and then again before these are over.
func ExampleNewLeased() {
	h, err := history.Read(strings.NewReader(`
{"time": 0,          "process": 0, "type": "invoke", "f": "acquire", "value": null}
{"time": 10000000,   "process": 0, "type": "ok",     "f": "acquire", "value": 2000}
{"time": 1500000000, "process": 1, "type": "invoke", "f": "acquire", "value": null}
{"time": 1510000000, "process": 1, "type": "ok",     "f": "acquire", "value": 2000}
`), "leases", history.ReadOptions{Format: history.JSONL})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(check.Run(context.Background(), locks.NewLeased(locks.LeaseOptions{}), h))
	// Output:
	// invalid
	// double-grant × 1
	//   ops [1 3]: Each was granted before the other can have been over:
	//   process 0 was granted the lock (op 1) between 0s and 10ms, under a lease of 2s: it held it until 2s at least;
	//   process 1 was granted the lock (op 3) between 1.5s and 1.51s, under a lease of 2s: it held it until 3.5s at least.
	// note: 2 grants judged
}
