package sim

import "slices"

// Harm is what was done to a file at rest.
type Harm struct {
	File   string
	Amount int // bits flipped, or bytes cut off
}

// scar remembers a file that was damaged as it was before.
type scar struct {
	file          *file
	written       uint64
	data, durable []byte
}

// Rot flips so many bits of what the disk holds, at random over all files, and returns
// how many of which; fewer if there are not that many. Damage at rest is for a machine
// whose process is down and has written everything back: it does nothing else.
func (d *Disk) Rot(bits int) []Harm {
	if bits <= 0 {
		return nil
	}
	total := d.atRest()
	bits = min(bits, 8*total)
	harm := map[string]int{}
	for done := map[int]bool{}; len(done) < bits; {
		bit := d.rot.IntN(8 * total)
		if done[bit] {
			continue
		}
		done[bit] = true
		name, at := d.locate(bit / 8)
		f := d.files[name]
		if harm[name] == 0 {
			d.wound(f)
			f.data, f.durable = slices.Clone(f.data), slices.Clone(f.durable)
		}
		harm[name]++
		f.data[at] ^= 1 << (bit % 8)
		if at < len(f.durable) {
			f.durable[at] ^= 1 << (bit % 8)
		}
	}
	var all []Harm
	for _, name := range d.Files() {
		if harm[name] > 0 {
			all = append(all, Harm{name, harm[name]})
		}
	}
	return all
}

// CutOff takes so many bytes, or as many as there are, off the end of a file, drawn by
// length, and returns which. It is for the same machines as Rot.
func (d *Disk) CutOff(bytes int) []Harm {
	if bytes <= 0 {
		return nil
	}
	total := d.atRest()
	if total == 0 {
		return nil
	}
	name, _ := d.locate(d.rot.IntN(total))
	f := d.files[name]
	d.wound(f)
	size := max(0, len(f.data)-bytes)
	cut := len(f.data) - size
	f.data, f.durable = f.data[:size:size], slices.Clip(f.durable[:min(size, len(f.durable))])
	return []Harm{{name, cut}}
}

// Mend takes back what the last Rot or CutOff did to files that nobody has written to
// since.
func (d *Disk) Mend() {
	for _, s := range d.scars {
		if s.file.written() == s.written {
			s.file.data, s.file.durable = s.data, s.durable
		} else {
			d.spoilt = true
		}
	}
	d.scars = nil
}

// Damaged reports whether there is damage at rest, or was that could not be mended.
func (d *Disk) Damaged() bool { return d.spoilt || len(d.scars) > 0 }

// atRest mends the disk, has everything written back, and returns how many bytes all
// files have; 0 where a process lives.
func (d *Disk) atRest() int {
	if d.host.state != Down {
		return 0
	}
	d.Mend()
	for _, f := range d.files {
		f.sync(f.written())
	}
	return d.used()
}

// locate finds a byte by its place among those of all files.
func (d *Disk) locate(at int) (name string, offset int) {
	for _, name := range d.Files() {
		if n := len(d.files[name].data); at < n {
			return name, at
		} else {
			at -= n
		}
	}
	panic("sim: the disk has fewer bytes")
}

func (d *Disk) wound(f *file) {
	d.scars = append(d.scars, scar{f, f.written(), slices.Clip(f.data), slices.Clip(f.durable)})
}
