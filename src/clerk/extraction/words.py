"""Words that are no names: titles, words of procedure, and the small words that end a name."""

from __future__ import annotations

# Titles of those who sit on a body; each may be several words in a text ("Vice Mayor", "Mayor Pro Tem").
SEATED = frozenset(
    """
    mayor mayors vice deputy pro tem tern tempore president presidents chair chairman chairwoman chairperson
    chairs chairpersons vice-chair vice-chairman vice-chairwoman vice-chairperson vice- president vice-mayor
    councilor councilors councillor councillors council councilmember councilmembers councilman councilmen
    councilwoman councilwomen councilperson councilpersons councilmem commissioner commissioners supervisor
    supervisors trustee trustees alderman aldermen alderwoman alderperson alderpersons alder ald selectman
    selectmen selectwoman selectperson selectboard member members boardmember boardmembers director
    directors reeve warden freeholder freeholders legislator legislators delegate delegates senator senators
    representative representatives regent cllr dm comm com sup supv supr councilmbr cm vm assemblymember
    assemblymembers assemblyman assemblywoman committeeman committeewoman committeemember concil moderator
    assembly concejal concejala concejales alcalde alcaldesa regidor regidora comisionado comisionada síndico
    cllrs cr crs jurat chairmen authority presiding clerk-treasurer
    """.split()
)
# Titles of staff and of courtesy.
SERVING = frozenset(
    """
    board     mr mrs ms miss mx dr hon honorable rev reverend sr. city town village county township interim acting
    assistant asst deputy attorney manager administrator clerk secretary treasurer engineer planner chief
    captain sergeant lieutenant officer superintendent coordinator recorder solicitor counsel judge
    commander inspector principal senior finance fire police planning works public community development
    economic services human resources executive parks recreation building utilities utility water library
    housing forester comptroller controller auditor assessor sheriff marshal constable professor fr sgt lt
    capt cpl supt operations technology information administrative traffic transportation project program committee
    general associate district head librarian corporate legal municipal land citizen resident
    """.split()
)
TITLES = SEATED | SERVING
# Titles that stand alone are bodies or places when a name would follow them.
BODY_WORDS = frozenset(
    "city town village county township council board authority public members assembly committee".split()
)

# A word that cannot be part of a name, in whatever case it is printed.
STOP = frozenset(
    """
    the a an and or of to for in on at by with from as that this these those it he she they we you who whom
    which his her their its our all both each any none nil nobody unanimous unanimously motion motions
    motioned moved move moves mover seconded second seconds seconder seconding sec aye ayes yea yeas nay nays
    noe noes yes no not vote votes voted voting abstain abstains abstained abstaining abstention abstentions
    absent present excused recused recuse recusal opposed against favor favour carried carries passed passes
    pass fail fails failed approved approve approves approval adopted adopt adopts accept accepted denied
    deny result results status item items agenda minutes resolution resolutions ordinance ordinances bylaw
    by-law bill order page after upon following follows then discussion roll call consent calendar adjourn
    adjourned adjournment meeting regular special be is was were are been being has have had will would
    shall so if there here when where while during before until now therefore whereas resolved resolve also
    other others absence attendance quorum staff floor audience tally total totals yeas/nays amended amend
    amendment amendments substitute recommended recommendation action motion. comments comment hearing
    hearings report reports reports. new old unfinished business section article chapter exhibit attachment
    contract agreement project program plan fund budget grant authorize authorizing authorization award
    recommending monday tuesday wednesday thursday friday saturday sunday january february march april june
    july august september october november december pm am vacant vacancy proxy majority question called
    further continue continued tabled table withdrawn withdrew lost defeated declared absent. offered
    introduced made make supported support waived read reading first third final passage effective date time
    via zoom remotely remote telephone arrived left late about but than position regrets disclosure en
    contra favor ausente ausentes abstención ninguno under over out up per re see into through because
    however thereupon hearing having upon executive session closed open open. certify certified attest
    attested clerk's yes. department office one two three four five six seven eight nine ten eleven twelve zero
    moción mocion aprobada aprobado secundada secundado apoyada voto acta
    resultado division declared. whereupon
    """.split()
)
SUFFIX = frozenset("jr sr ii iii iv esq".split())
PARTICLES = frozenset("de la del der van von den di da du dos las los st ten ter le el y".split())
# Words of STOP that are names too: after a title, or before another word that can be one.
SOFT = frozenset(
    "page may will order bill read first grant contract close date april june august march call".split()
)
# Titles that are surnames where a seat's title stands before them and no name follows.
SURNAMES = frozenset("parks head judge warden reeve marshal sheriff general moderator fire chase".split())
