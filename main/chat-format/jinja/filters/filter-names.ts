/** The names of all filters, for the test that asks for them. */
export const filterNames: ReadonlySet<string> = new Set(
  (
    'abs attr batch capitalize center count d default dictsort e escape filesizeformat first float forceescape format groupby ' +
    'indent int join last length list lower items map min max pprint random reject rejectattr replace reverse round safe select ' +
    'selectattr slice sort string striptags sum title tojson trim truncate unique upper urlencode urlize wordcount wordwrap xmlattr'
  ).split(' '),
);
