export * as express from "express";
export * as formData from "form-data";
export * as ws from "ws";
