package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"checker/check/atomic"
	"checker/check/atomic/foreign"
)

// convertTrace makes a trace of what nodes wrote down.
func (a *app) convertTrace(rulesFile string, in []string, out string) error {
	var rules foreign.Rules
	if rulesFile != "" {
		file, err := os.Open(rulesFile)
		if err != nil {
			return err
		}
		defer file.Close()
		if rules, err = foreign.ReadRules(file, rulesFile); err != nil {
			return usageError{err}
		}
	}
	var all []foreign.Step
	txns, messages := map[string]bool{}, 0
	for _, path := range in {
		steps, err := readSteps(path, rules, rulesFile != "")
		if err != nil {
			return err
		}
		a.log.printf("%s: %d steps\n", path, len(steps))
		for _, s := range steps {
			if s.Txn != "" {
				txns[s.Txn] = true
			}
			messages += len(s.Received)
		}
		all = append(all, steps...)
	}
	if len(all) == 0 {
		return fmt.Errorf("%s: nothing in there is a step", strings.Join(in, ", "))
	}
	events, err := foreign.Merge(all)
	if err != nil {
		return err
	}
	a.log.printf("%d transactions; the order between nodes is known from %d messages, and else in favour of the database\n", len(txns), messages)
	if out == "-" {
		return foreign.Write(a.out, events)
	}
	return writeWhole(out, func(w io.Writer) error { return foreign.Write(w, events) })
}

// readSteps reads one file. Its name without extension is that of the node, where a step tells none.
func readSteps(path string, rules foreign.Rules, ruled bool) ([]foreign.Step, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	ext := filepath.Ext(path)
	node := strings.TrimSuffix(filepath.Base(path), ext)
	switch {
	case ext == ".csv":
		return foreign.ReadCSV(file, path, node)
	case ext == ".jsonl":
		return foreign.ReadJSON(file, path, node)
	case ruled:
		return rules.ReadLog(file, path, node)
	}
	return nil, usageError{hintError{fmt.Errorf("%s is neither .csv nor .jsonl", path), "say which of its lines are steps with --rules FILE; steps are " + strings.Join(atomic.Steps(), ", ")}}
}
