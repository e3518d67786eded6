// Package openai answers requests in the form of OpenAI's API, so that its clients can use a project's models: chat
// completions, images, speech, transcriptions and translations, where a capability fits.
//
// Source: the published reference of the API and its OpenAPI document. What a request asks for that no provider of this
// contract can do is refused by name; what only tunes a model is handed on as a parameter.
package openai
