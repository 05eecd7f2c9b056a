package nemesis

import (
	"strconv"
	"strings"
	"time"
)

// none is the text of a partition that cuts nothing, as when there is but one
// node.
const none = "none"

// String returns the verb and the text.
func (f Fault) String() string {
	if text := f.Text(); text != "" {
		return string(f.Verb) + " " + text
	}
	return string(f.Verb)
}

// Text returns the fault on one line, without its verb; [Parse] describes it.
func (f Fault) Text() string {
	switch f.Verb {
	case Partition:
		return f.partitionText()
	case ClockBump, ClockJump, ClockDrift:
		return f.skewText()
	}
	words := []string{f.Target}
	if f.Concrete() {
		words[0] = strings.Join(f.Nodes, ",") + waysText(f.Ways, ",")
	}
	switch f.Verb {
	case ClockStrobe:
		words = append(words, "delta="+f.Strobe.Delta.String(), "period="+f.Strobe.Period.String(), "for="+f.Strobe.For.String())
	case Packet:
		words = append(words, f.Packet.words()...)
	case PowerOff:
		words = append(words, "keep="+string(f.Keep))
	case DiskFull, DiskError, DiskSlow, DiskFlip, DiskRot, DiskCut:
		words = append(words, f.Disk.words()...)
	}
	return strings.Join(words, " ")
}

func (f Fault) partitionText() string {
	switch {
	case !f.Concrete():
		return f.Target
	case f.Sides != nil:
		sides := make([]string, len(f.Sides))
		for i, side := range f.Sides {
			sides[i] = strings.Join(side, ",")
		}
		return strings.Join(sides, "|")
	case len(f.Ways) == 0:
		return none
	}
	return waysText(f.Ways, " ")
}

func waysText(links []Link, between string) string {
	ways := make([]string, len(links))
	for i, l := range links {
		ways[i] = l.From + ">" + l.To
	}
	return strings.Join(ways, between)
}

func (f Fault) skewText() string {
	if !f.Concrete() {
		return f.Target + " up-to=" + f.Verb.amountText(f.UpTo)
	}
	skews := make([]string, len(f.Skews))
	for i, s := range f.Skews {
		skews[i] = s.Node + " " + signed(f.Verb.amountText(s.Amount))
	}
	return strings.Join(skews, ",")
}

// amountText prints the amount of a skew in the verb's unit.
func (v Verb) amountText(n int64) string {
	if v == ClockDrift {
		return strconv.FormatInt(n, 10) + "ppm"
	}
	return time.Duration(n).String()
}

// signed puts a plus before a number that has no sign.
func signed(number string) string {
	if strings.HasPrefix(number, "-") {
		return number
	}
	return "+" + number
}

// words returns what is wrong with the packets as key=value words, in a fixed
// order, without what is not.
func (p PacketFaults) words() []string {
	var words []string
	words = appendWord(words, "delay", p.Delay)
	words = appendWord(words, "jitter", p.Jitter)
	words = appendWord(words, "loss", p.Loss)
	words = appendWord(words, "duplicate", p.Duplicate)
	words = appendWord(words, "reorder", p.Reorder)
	words = appendWord(words, "corrupt", p.Corrupt)
	return appendWord(words, "rate", p.Rate)
}

// words returns what is wrong with the disk, in the same form.
func (d DiskFaults) words() []string {
	switch {
	case d.Full:
		return []string{"left=" + strconv.FormatInt(d.Left, 10)}
	case d.Bits > 0:
		return []string{"bits=" + strconv.FormatInt(d.Bits, 10)}
	case d.Bytes > 0:
		return []string{"bytes=" + strconv.FormatInt(d.Bytes, 10)}
	}
	var words []string
	words = appendWord(words, "read", d.Read)
	words = appendWord(words, "write", d.Write)
	words = appendWord(words, "sync", d.Sync)
	words = appendWord(words, "read", d.SlowRead)
	words = appendWord(words, "write", d.SlowWrite)
	words = appendWord(words, "sync", d.SlowSync)
	return appendWord(words, "chance", d.Flip)
}

// appendWord appends key=value, unless the value is zero.
func appendWord[T interface {
	comparable
	String() string
}](words []string, key string, value T) []string {
	var zero T
	if value == zero {
		return words
	}
	return append(words, key+"="+value.String())
}

// String prints the faults as in the text of a packet fault.
func (p PacketFaults) String() string { return strings.Join(p.words(), " ") }

// String prints the chance in percent, without loss.
func (c Chance) String() string {
	return strconv.FormatFloat(float64(c)/float64(Percent), 'f', -1, 64) + "%"
}

// String prints the rate in the largest unit of which it is a whole number.
func (r Rate) String() string {
	for _, u := range rateUnits {
		if r%u.rate == 0 {
			return strconv.FormatInt(int64(r/u.rate), 10) + u.name
		}
	}
	return ""
}
