package etcd

import (
	"fmt"
	"regexp"
	"strings"

	"checker/targets/docker"
)

// The ports of a server.
const (
	clientPort = "2379"
	peerPort   = "2380"
)

// dataFolder is where the volume of a node is.
const dataFolder = "/data"

// packaged is the release that Debian 12 has as a package, of the time before the
// server was a Go module of its own.
const packaged = "3.4.23"

var versionForm = regexp.MustCompile(`^3\.([5-9]|\d\d)\.\d+$`)

func checkVersion(version string) error {
	if version != packaged && !versionForm.MatchString(version) {
		return fmt.Errorf("setting version of etcd cannot be %q: expected a release from 3.5 on such as 3.7.3 or 3.5.4, or Debian's %s", version, packaged)
	}
	return nil
}

// recipe makes the image of a server: the one program, alone where that can be.
func recipe(version string) docker.Recipe {
	if version == packaged {
		return docker.Recipe{Name: "etcd", Dockerfile: "FROM " + docker.BaseImage + `
RUN apt-get update && apt-get install -y --no-install-recommends 'etcd-server=` + packaged + `*' \
 && rm -rf /var/lib/apt/lists/* && ln -s /usr/bin/etcd /etcd
CMD ["/etcd"]
`}
	}
	return docker.GoServer("etcd", "go.etcd.io/etcd/server/v3", "v"+version)
}

// command starts a server, as a member of the cluster of all nodes. Images of others
// have it where programs are looked for.
func command(image string) func(docker.Node, []docker.Node) docker.Command {
	program := "/etcd"
	if image != "" {
		program = "etcd"
	}
	return func(n docker.Node, all []docker.Node) docker.Command {
		return docker.Command{Args: append([]string{program}, arguments(n, all)...)}
	}
}

func arguments(n docker.Node, all []docker.Node) []string {
	members := make([]string, len(all))
	for i, m := range all {
		members[i] = m.Name + "=http://" + m.Address + ":" + peerPort
	}
	return []string{
		"--name", n.Name, "--data-dir", dataFolder + "/etcd",
		"--listen-client-urls", "http://0.0.0.0:" + clientPort,
		"--advertise-client-urls", "http://" + n.Address + ":" + clientPort,
		"--listen-peer-urls", "http://0.0.0.0:" + peerPort,
		"--initial-advertise-peer-urls", "http://" + n.Address + ":" + peerPort,
		"--initial-cluster", strings.Join(members, ","),
		"--initial-cluster-state", "new",
	}
}
