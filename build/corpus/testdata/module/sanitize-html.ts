import sanitize from 'sanitize-html';

export default async () => sanitize('<p onclick="x()">a<script>b</script> <a href="javascript:c">d</a> <a href="https://e.example">f</a> <img src=x style="color:red"></p>', {
  allowedTags: ['p', 'a', 'img'], allowedAttributes: { a: ['href'], img: ['src', 'style'] }, allowedStyles: { '*': { color: [/^red$/] } },
});
