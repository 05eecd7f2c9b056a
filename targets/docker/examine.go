package docker

import (
	"context"
	"os/exec"
)

// BaseImage is what images of packages are built from. Where no registry can be
// reached, `make base-image` makes it.
const BaseImage = "debian:bookworm-slim"

// Finding is one thing that real nodes need.
type Finding struct {
	Name   string
	OK     bool
	Detail string
	Remedy string // when it is not
}

// Examine looks for what real nodes need. What follows from something that is
// missing is not looked for.
func Examine(ctx context.Context) []Finding {
	program := Finding{Name: "agent", OK: true, Detail: "this program can run in a pod"}
	if _, err := theProgram(""); err != nil {
		program = Finding{Name: "agent", Detail: err.Error(), Remedy: "run the bin/checker that `make build` makes"}
	}
	tool := Finding{Name: "building servers from Go modules", OK: true}
	var err error
	if tool.Detail, err = exec.LookPath("go"); err != nil {
		tool = Finding{Name: tool.Name, Detail: "there is no go command", Remedy: "install Go, for targets whose image is not there yet"}
	}
	e, err := Connect(ctx)
	if err != nil {
		return []Finding{{Name: "containers", Detail: err.Error(), Remedy: "install and start a Docker engine, or set DOCKER_HOST; simulated runs need none"}, program, tool}
	}
	defer e.Close()
	found := []Finding{{Name: "containers", OK: true, Detail: "Docker " + e.Version + ", API " + e.API}, program, tool}
	base := Finding{Name: "base image", OK: true, Detail: BaseImage + " is there"}
	if there, err := e.HasImage(ctx, BaseImage); err != nil || !there {
		base = Finding{Name: base.Name, Detail: BaseImage + " is not there; images of Debian packages need it", Remedy: "docker pull " + BaseImage + ", or `make base-image` where no registry can be reached"}
	}
	return append(found, base)
}
