package rundir

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"checker/history"
)

// scheduleHeader is the first line of a schedule.
const scheduleHeader = "# checker schedule 1"

// NemesisThread is the thread that faults are scheduled on.
const NemesisThread = -1

// Entry is one line of a schedule: an op or a fault, when it is invoked and by
// which thread.
type Entry struct {
	At     int64 // ns since the start
	Thread int   // a client's number, or NemesisThread
	F      string
	Value  history.Value
}

// String prints the entry as its line in a schedule:
//
//	12.500000000 3 write [2 41]
//	15.000000000 nemesis kill "n1,n4"
func (e Entry) String() string { return string(e.Append(nil)) }

// Append appends the entry's line to dst, without a line feed.
func (e Entry) Append(dst []byte) []byte {
	dst = append(history.AppendSeconds(dst, e.At), ' ')
	if e.Thread == NemesisThread {
		dst = append(dst, "nemesis"...)
	} else {
		dst = strconv.AppendInt(dst, int64(e.Thread), 10)
	}
	dst = append(append(append(dst, ' '), e.F...), ' ')
	return e.Value.AppendEDN(dst)
}

// ParseEntry reads a line of a schedule.
func ParseEntry(line string) (Entry, error) {
	var e Entry
	words := strings.SplitN(line, " ", 4)
	if len(words) != 4 {
		return e, fmt.Errorf("expected: seconds, thread, function, value")
	}
	var err error
	if e.At, err = parseSeconds(words[0]); err != nil {
		return e, err
	}
	e.Thread = NemesisThread
	if words[1] != "nemesis" {
		if e.Thread, err = strconv.Atoi(words[1]); err != nil || e.Thread < 0 {
			return e, fmt.Errorf("thread %q: expected a number or nemesis", words[1])
		}
	}
	e.F = words[2]
	if e.Value, err = history.ParseEDN(words[3]); err != nil {
		return e, fmt.Errorf("value: %w", err)
	}
	return e, nil
}

// parseSeconds reads seconds with up to nine decimals, exactly.
func parseSeconds(s string) (int64, error) {
	whole, fraction, _ := strings.Cut(s, ".")
	if len(fraction) > 9 {
		return 0, fmt.Errorf("time %q: more than nine decimals", s)
	}
	ns, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", 9-len(fraction)), 10, 64)
	if err != nil || ns < 0 {
		return 0, fmt.Errorf("time %q: expected seconds since the start, such as 12.5", s)
	}
	return ns, nil
}

// ScheduleRecorder opens schedule.txt and writes its header.
func (d *Dir) ScheduleRecorder() (*Recorder, error) {
	r, err := d.NewRecorder(scheduleFile)
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(r, scheduleHeader+"\n# seconds thread function value\n")
	return r, err
}

// WriteSchedule writes schedule.txt whole.
func (d *Dir) WriteSchedule(entries []Entry) error {
	r, err := d.ScheduleRecorder()
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := r.RecordEntry(e); err != nil {
			break
		}
	}
	return r.Close()
}

// RecordEntry appends an entry to a schedule.
func (r *Recorder) RecordEntry(e Entry) error {
	r.line = append(e.Append(r.line[:0]), '\n')
	_, err := r.Write(r.line)
	return err
}

// ReadSchedule reads schedule.txt of the directory.
func (d *Dir) ReadSchedule() ([]Entry, error) { return ReadSchedule(d.Path(scheduleFile)) }

// ReadSchedule reads a schedule. Blank lines and lines that begin with # say
// nothing; an error names the line.
func ReadSchedule(path string) ([]Entry, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 16<<20)
	var entries []Entry
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(scanner.Text())
		if n == 1 && line != scheduleHeader {
			return nil, fmt.Errorf("%s:1: expected %q; is this a schedule?", path, scheduleHeader)
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := ParseEntry(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		entries = append(entries, e)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(entries) == 0 {
		return nil, errors.New(path + ": the schedule is empty")
	}
	return entries, nil
}
