package sim_test

import (
	"fmt"
	"time"

	"checker/sim"
)

// greeter greets its first peer when its timer goes off.
type greeter struct{ host *sim.Host }

func (g *greeter) Receive(*sim.Host, any) {}
func (g *greeter) DiskDone(uint64, error) {}
func (g *greeter) Timer()                 { g.host.Send(g.host.World().Hosts()[1], 5, "hello") }

// printer prints the event log.
type printer struct{}

func (printer) Observe(e sim.Event) { fmt.Println(e) }

// The event log that the package comment explains.
func Example() {
	w := sim.New(1)
	for _, name := range []string{"n1", "n2"} {
		h := w.AddHost(name)
		h.SetMonoDrift(0)
		h.Boot(func(h *sim.Host) sim.Program { return &greeter{h} })
	}
	w.Observe(printer{})
	n1, n2 := w.Hosts()[0], w.Hosts()[1]
	n1.Start()
	n2.Start()
	n1.SetDeadline(int64(2 * time.Millisecond))
	w.At(int64(3*time.Millisecond), func() { w.Network().Cut(n1, n2) })
	w.At(int64(4*time.Millisecond), func() { n1.Send(n2, 5, "again") })
	w.At(int64(5*time.Millisecond), func() { n2.Kill() })
	w.RunUntil(int64(time.Second))
	// Output:
	//     0.000000000  started     n1         incarnation 1
	//     0.000000000  started     n2         incarnation 1
	//     0.002000000  sent        n1 > n2    #1       5B  hello
	//     0.002338354  delivered   n1 > n2    #1       5B  hello
	//     0.003000000  cut         n1 > n2
	//     0.004000000  sent        n1 > n2    #2       5B  again
	//     0.004000000  dropped     n1 > n2    #2       5B  again (partition)
	//     0.005000000  killed      n2
}
