package story

import (
	"fmt"
	"strconv"
	"strings"
)

// EDN turns a story into a history in Jepsen's EDN, an op a line.
func EDN(text string) (string, error) {
	open := map[string]op{}
	var out strings.Builder
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := tell(&out, open, line); err != nil {
			return "", fmt.Errorf("line %d: %w", n, err)
		}
	}
	return out.String(), nil
}

// op is one row.
type op struct{ process, node, time, f, value string }

func (o op) write(out *strings.Builder, typ string) {
	process := o.process
	if _, err := strconv.Atoi(process); err != nil {
		process = ":" + process
	}
	fmt.Fprintf(out, "{:process %s :type :%s :f :%s :value %s", process, typ, o.f, o.value)
	if o.time != "" {
		fmt.Fprintf(out, " :time %s000000", o.time)
	}
	if o.node != "" {
		fmt.Fprintf(out, " :node %q", o.node)
	}
	out.WriteString("}\n")
}

// tell writes the rows of one line.
func tell(out *strings.Builder, open map[string]op, line string) error {
	left, right, completes := strings.Cut(line, "->")
	now, rest := "", strings.TrimSpace(left)
	if strings.HasPrefix(rest, "@") {
		now, rest = word(rest[1:])
	}
	who, rest := word(rest)
	process, node, _ := strings.Cut(who, "/")
	o, isOpen := open[process]
	if f, value := word(rest); f != "" {
		if isOpen {
			return fmt.Errorf("process %s has an op open", process)
		}
		if value == "" {
			value = "nil"
		}
		o = op{process: process, node: node, f: f, value: value}
		o.time = now
		typ := "invoke"
		if process == "nemesis" {
			typ = "info"
		}
		o.write(out, typ)
		open[process] = o
	} else if !isOpen {
		return fmt.Errorf("process %s has no op open", process)
	}
	if !completes {
		return nil
	}
	delete(open, process)
	typ, value := word(strings.TrimSpace(right))
	switch typ {
	case "ok", "fail", "info":
	default:
		typ, value = "ok", strings.TrimSpace(right)
	}
	if value != "" {
		o.value = value
	}
	o.time = now
	o.write(out, typ)
	return nil
}

// word cuts off the first word.
func word(text string) (first, rest string) {
	first, rest, _ = strings.Cut(text, " ")
	return first, strings.TrimSpace(rest)
}
