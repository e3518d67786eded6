// Command embed calls providers from Go.
//
//	embed TEXT                      the project's provider, as conduit run does
//	embed --native PROGRAM TEXT     a provider that is a program, see native/
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/project"
)

// ask calls a provider of the project in the working folder, which is synced.
func ask(ctx context.Context, text string) (plugin.Response, error) {
	p, err := project.Open(ctx, project.Options{})
	if err != nil {
		return plugin.Response{}, err
	}
	return p.Run(ctx, project.RunRequest{Provider: "reverse", Inputs: []plugin.Media{plugin.Text(text)}})
}

// askNative calls a provider that is a program of its own, without a project.
func askNative(ctx context.Context, program, text string) (plugin.Response, error) {
	dir, err := os.MkdirTemp("", "embed-")
	if err != nil {
		return plugin.Response{}, err
	}
	defer os.RemoveAll(dir)
	provider, err := plugin.Start(ctx, plugin.Spec{Name: "reverse", Command: []string{program}, Env: plugin.Environment(nil, os.LookupEnv), Dir: dir}, nil)
	if err != nil {
		return plugin.Response{}, err
	}
	defer provider.Close()
	return provider.Transform(ctx, plugin.Request{Inputs: []plugin.Media{plugin.Text(text)}})
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var answer plugin.Response
	var err error
	switch args := os.Args[1:]; {
	case len(args) == 1:
		answer, err = ask(ctx, args[0])
	case len(args) == 3 && args[0] == "--native":
		answer, err = askNative(ctx, args[1], args[2])
	default:
		err = fmt.Errorf("usage: embed [--native PROGRAM] TEXT")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(answer.Outputs[0].Text)
}
