package cli

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"checker/targets/docker"
)

// finding is one line of what this machine can do.
type finding struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Remedy string `json:"remedy,omitempty"` // when it is not
}

func (a *app) doctorCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can do, and the remedy for what it cannot",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			findings := append([]finding{simulation(), machine(), storeWritable("store"), browser()}, containers(cmd.Context())...)
			if asJSON {
				e := json.NewEncoder(a.out)
				e.SetIndent("", "  ")
				return e.Encode(findings)
			}
			for _, f := range findings {
				mark := a.out.style(green, "yes")
				if !f.OK {
					mark = a.out.style(amber, "no ")
				}
				a.out.printf("%s  %s: %s\n", mark, f.Name, f.Detail)
				if f.Remedy != "" {
					a.out.printf("     remedy: %s\n", f.Remedy)
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func simulation() finding {
	return finding{Name: "simulated runs", OK: true, Detail: "need nothing but this program"}
}

func machine() finding {
	return finding{Name: "machine", OK: true, Detail: runtime.GOOS + "/" + runtime.GOARCH + ", " + strconv.Itoa(runtime.NumCPU()) + " processors"}
}

// storeWritable tries what a run will do first.
func storeWritable(root string) finding {
	f := finding{Name: "run directories", OK: true, Detail: "can be written below " + root}
	parent := root
	if _, err := os.Stat(root); err != nil {
		parent = "."
	}
	temp, err := os.MkdirTemp(parent, ".doctor-")
	if err != nil {
		f.OK, f.Detail, f.Remedy = false, err.Error(), "choose another place with --out"
		return f
	}
	os.Remove(temp)
	return f
}

// containers asks the engine, if there is one, what real nodes need.
func containers(ctx context.Context) []finding {
	var found []finding
	for _, f := range docker.Examine(ctx) {
		found = append(found, finding(f))
	}
	return found
}

// browser looks for something that shows a report.
func browser() finding {
	for _, name := range []string{"xdg-open", "open", "chromium", "google-chrome", "firefox"} {
		if path, err := exec.LookPath(name); err == nil {
			return finding{Name: "browser for reports", OK: true, Detail: path}
		}
	}
	return finding{
		Name: "browser for reports", Detail: "none of " + strings.Join([]string{"xdg-open", "chromium", "firefox"}, ", ") + " is installed here",
		Remedy: "a report is one file: copy it to a machine with a browser",
	}
}
