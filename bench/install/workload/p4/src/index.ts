export * as openai from "openai";
export * as zod from "zod";
