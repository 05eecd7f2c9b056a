package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"checker/check"
	"checker/check/logpattern"
	"checker/history"
	"checker/reports"
)

// logPattern is the model that is no history: a pattern to look for in logs.
const logPattern = "log-pattern"

func logModel() checkModel {
	return checkModel{
		name: logPattern, summary: "logs: is there a line that must not be there? log-pattern=REGEXP", ops: "none: files of text, or folders of them",
		checker: func(*checkFlags, int64) (check.Checker, error) {
			return nil, errors.New("say what to look for: --model log-pattern=REGEXP")
		},
	}
}

// judgeLogs looks for a pattern in a file, or in all files below a folder.
func (a *app) judgeLogs(ctx context.Context, f *checkFlags, path, pattern string) (reports.Input, error) {
	re, err := regexp.Compile(pattern)
	if err != nil || pattern == "" {
		return reports.Input{}, usageError{fmt.Errorf("--model log-pattern=%s: expected a regular expression such as panic|FATAL", pattern)}
	}
	info, err := os.Stat(path)
	if err != nil {
		return reports.Input{}, err
	}
	logs, o := os.DirFS(path), logpattern.Options{}
	if !info.IsDir() {
		logs, o.Root = os.DirFS(filepath.Dir(path)), filepath.Base(path)
	}
	limited, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	h := history.NewBuilder().History()
	result := check.Run(limited, logpattern.New(logs, re, o), h)
	ev := check.Evidence{Ops: map[string]check.Counts{}, Faults: map[string]check.Bite{}}
	return reports.Input{Title: filepath.Base(path), Document: check.NewDocument([]check.Result{result}, ev), History: h, Glossary: glossary()}, nil
}
