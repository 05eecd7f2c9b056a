//go:build linux

package agent

import "os"

// probe tries what the kernel lets the agent do, by doing it.
func (a *agent) probe() Report {
	var r Report
	tell := func(name string, err error, how string) {
		c := Capability{Name: name, Available: err == nil, Detail: how}
		if err != nil {
			c.Detail = err.Error()
		}
		r = append(r, c)
	}
	var err error
	a.firewall, err = newFirewall()
	tell(CanPartition, err, "an own table, dropped on the receiver's side")
	if err == nil {
		if err = a.firewall.queueShaped(); err == nil {
			a.queue, err = newQueue(a.firewall.enqueue)
		}
	}
	tell(CanShape, err, "the agent lets packets go as they come in, seeded")
	tell(CanImpair, probeDisk(), "a file system between the database and its volume")
	a.volume, err = openVolume(BackingFolder)
	tell(CanDamage, err, "on the volume of the data, and nowhere else")
	a.pinger, err = newPinger()
	tell(CanPing, err, "a raw socket")
	a.clock, err = newClock()
	tell(CanSkew, err, "each process's own copy; timers of the kernel, stamps of files and raw system calls stay right")
	_, err = os.ReadDir("/proc/1")
	tell(CanSignal, err, "through the shared process namespace")
	return r
}
