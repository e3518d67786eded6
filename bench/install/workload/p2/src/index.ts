export * as axios from "axios";
export * as formData from "form-data";
