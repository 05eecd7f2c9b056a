package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// Recipe is how an image is made: a Dockerfile and the files it copies. An image
// is known by the hash of both, and made once.
type Recipe struct {
	Name       string            // checker-Name is the image's
	Dockerfile string            // for the classic builder
	Files      map[string]string // by name in the build's context, the path here
	// Make makes the files where they take long to make, in a folder that is removed
	// again. Key stands for their content then.
	Make func(ctx context.Context, folder string) (map[string]string, error)
	Key  string
}

// Image returns the name of the recipe's image, which is built unless it is there.
func (e *Engine) Image(ctx context.Context, r Recipe) (string, error) {
	sum, err := r.hash()
	if err != nil {
		return "", err
	}
	name := "checker-" + r.Name + ":" + sum
	there, err := e.HasImage(ctx, name)
	if err != nil || there {
		return name, err
	}
	if r.Make != nil {
		folder, err := os.MkdirTemp("", "checker-image-")
		if err != nil {
			return "", err
		}
		defer os.RemoveAll(folder)
		if r.Files, err = r.Make(ctx, folder); err != nil {
			return "", err
		}
	}
	return name, e.build(ctx, r, name)
}

// build has the engine build an image.
func (e *Engine) build(ctx context.Context, r Recipe, name string) error {
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(r.pack(writer)) }()
	defer reader.Close()
	built, err := e.api.ImageBuild(ctx, reader, client.ImageBuildOptions{
		Tags: []string{name}, Remove: true, ForceRemove: true,
		Labels: map[string]string{labelImage: r.Name},
	})
	if err != nil {
		return fmt.Errorf("building the image %s: %w", name, err)
	}
	defer built.Body.Close()
	if err := buildError(built.Body); err != nil {
		return fmt.Errorf("building the image %s: %w", name, err)
	}
	return nil
}

// pull sees to it that an image is there.
func (e *Engine) pull(ctx context.Context, name string) error {
	there, err := e.HasImage(ctx, name)
	if err != nil || there {
		return err
	}
	pulled, err := e.api.ImagePull(ctx, name, client.ImagePullOptions{})
	if err == nil {
		err = pulled.Wait(ctx)
	}
	if err != nil {
		return fmt.Errorf("the image %s is not there and cannot be pulled: %w; docker load brings one to an engine that reaches no registry", name, err)
	}
	return nil
}

// HasImage reports whether the engine has an image of that name.
func (e *Engine) HasImage(ctx context.Context, name string) (bool, error) {
	_, err := e.api.ImageInspect(ctx, name)
	if errdefs.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// isGone reports whether an object is not there, or is being removed.
func isGone(err error) bool {
	return errdefs.IsNotFound(err) || err != nil && strings.Contains(err.Error(), "is already in progress")
}

func (r Recipe) names() []string {
	var names []string
	for name := range r.Files {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func (r Recipe) hash() (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00%s", r.Dockerfile, r.Key)
	for _, name := range r.names() {
		fmt.Fprintf(sum, "\x00%s\x00", name)
		file, err := os.Open(r.Files[name])
		if err != nil {
			return "", err
		}
		_, err = io.Copy(sum, file)
		file.Close()
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), nil
}

// pack writes the build's context.
func (r Recipe) pack(w io.Writer) error {
	archive := tar.NewWriter(w)
	head := &tar.Header{Name: "Dockerfile", Mode: 0o644, Size: int64(len(r.Dockerfile))}
	if err := archive.WriteHeader(head); err != nil {
		return err
	}
	if _, err := io.WriteString(archive, r.Dockerfile); err != nil {
		return err
	}
	for _, name := range r.names() {
		content, err := os.ReadFile(r.Files[name])
		if err != nil {
			return err
		}
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}); err != nil {
			return err
		}
		if _, err := io.Copy(archive, bytes.NewReader(content)); err != nil {
			return err
		}
	}
	return archive.Close()
}

// buildError reads what the engine tells of a build to its end: the error that it
// ended with, under the last lines before it.
func buildError(progress io.Reader) error {
	var last []string
	for lines := json.NewDecoder(progress); ; {
		var line struct{ Stream, Error string }
		err := lines.Decode(&line)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case line.Error != "":
			return errors.New(strings.Join(append(last, line.Error), "\n"))
		case strings.TrimSpace(line.Stream) != "":
			last = append(last, strings.TrimSpace(line.Stream))
			last = last[max(0, len(last)-5):]
		}
	}
}
